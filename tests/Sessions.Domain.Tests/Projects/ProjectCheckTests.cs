using Sessions.Domain.Channels;
using Sessions.Domain.Projects;

namespace Sessions.Domain.Tests.Projects;

/// <summary>Each mistake in a change of settings gives an error with the name of its field.</summary>
public sealed class ProjectCheckTests
{
    private const string NameMessage = "name must be a text of 1 to 100 characters";

    private static readonly string Longest = new('x', 500);

    [Fact]
    public void A_change_without_any_setting_is_valid() => Assert.Empty(Problems(new ProjectChange()));

    [Fact]
    public void A_change_of_every_setting_is_valid() =>
        Assert.Empty(Problems(new ProjectChange
        {
            Name = "Shop",
            TimeZone = "Europe/Berlin",
            WeekStart = DayOfWeek.Saturday,
            IdleTimeout = TimeSpan.FromMinutes(30),
            BounceDuration = TimeSpan.FromSeconds(10),
            ChannelRules = [new("1", "AND", [new("url", "exact", ["a"])], "Own")],
            IgnoredReferrers = ["auth0.com"],
            InternalHosts = ["localhost"],
            RetentionDays = 30,
            PathCleaning = [new("\\d+", ":id")],
            DefaultRange = "30d",
            MaxEventsPerDay = 1,
            MaxMegabytesPerDay = 1_000_000_000_000,
            Replay = new ReplayChange { SampleRate = 0.5, MinimumDuration = TimeSpan.FromSeconds(1), RetentionDays = 30 },
        }));

    [Theory]
    [InlineData(0, false, "an empty name")]
    [InlineData(1, true, "the shortest")]
    [InlineData(100, true, "the longest")]
    [InlineData(101, false, "one longer")]
    public void A_project_name_must_have_1_to_100_characters(int length, bool isRight, string because) =>
        Expect(new ProjectChange { Name = new string('x', length) }, isRight, NameMessage, because);

    [Theory]
    [InlineData(-1, false, "below 0")]
    [InlineData(0, true, "no limit")]
    [InlineData(1, true, "the least")]
    [InlineData(1_000_000_000_000, true, "the most")]
    [InlineData(1_000_000_000_001, false, "one more")]
    public void A_quota_of_a_day_must_be_from_1_to_a_trillion_or_none(long most, bool isRight, string because)
    {
        const string Message = " must be from 1 to 1000000000000, or null for no limit";
        Expect(new ProjectChange { MaxEventsPerDay = most }, isRight, "max_events_per_day" + Message, because);
        Expect(new ProjectChange { MaxMegabytesPerDay = most }, isRight, "max_megabytes_per_day" + Message, because);
    }

    [Theory]
    [InlineData(" ", "a blank")]
    [InlineData("a\nb", "a line break")]
    public void A_project_name_that_is_blank_or_has_a_line_break_is_refused(string name, string because) =>
        Expect(new ProjectChange { Name = name }, false, NameMessage, because);

    [Fact]
    public void A_time_zone_must_be_in_the_time_zone_database() => Expect(
        new ProjectChange { TimeZone = "Europe/Bonn" },
        false,
        "timezone must be a time zone of the IANA database, such as \"Europe/Berlin\" or \"UTC\"",
        "a city without a zone");

    [Fact]
    public void A_week_start_must_be_the_name_of_a_day() =>
        Expect(new ProjectChange { WeekStart = (DayOfWeek)7 }, false, "week_start must be a day of the week", "an eighth day");

    [Theory]
    [InlineData("24h", true, "a day")]
    [InlineData("90d", true, "the longest")]
    [InlineData("7D", false, "a value is stored as it is written")]
    [InlineData("", false, "nothing")]
    public void A_default_range_must_be_one_of_the_four_offered(string range, bool isRight, string because) => Expect(
        new ProjectChange { DefaultRange = range }, isRight, "default_range must be one of 24h, 7d, 30d, 90d", because);

    [Theory]
    [InlineData(59, false, "just under the least")]
    [InlineData(60, true, "the least")]
    [InlineData(36_000, true, "the most")]
    [InlineData(36_001, false, "just over the most")]
    public void An_idle_timeout_must_be_from_1_minute_to_10_hours(int seconds, bool isRight, string because) => Expect(
        new ProjectChange { IdleTimeout = TimeSpan.FromSeconds(seconds) }, isRight, "idle_timeout_seconds must be from 60 to 36000", because);

    [Theory]
    [InlineData(-1, false, "below nothing")]
    [InlineData(0, true, "nothing")]
    [InlineData(3_600, true, "the most, an hour")]
    [InlineData(3_601, false, "just over the most")]
    public void A_bounce_duration_must_be_at_most_an_hour(int seconds, bool isRight, string because) => Expect(
        new ProjectChange { BounceDuration = TimeSpan.FromSeconds(seconds) }, isRight, "bounce_seconds must be from 0 to 3600", because);

    [Theory]
    [InlineData(-1, false, "below nothing")]
    [InlineData(0, true, "for ever")]
    [InlineData(1, true, "a day")]
    [InlineData(36_500, true, "a hundred years")]
    [InlineData(36_501, false, "a day more")]
    public void A_retention_must_be_at_most_100_years(int days, bool isRight, string because)
    {
        Expect(new ProjectChange { RetentionDays = days }, isRight, "retention_days must be from 1 to 36500, or null for ever", because);
        Expect(
            new ProjectChange { Replay = new ReplayChange { RetentionDays = days } },
            isRight,
            "replay.retention_days must be from 1 to 36500, or null for ever",
            because);
    }

    [Theory]
    [InlineData(-0.1, false, "below nothing")]
    [InlineData(0.0, true, "no session")]
    [InlineData(1.0, true, "all sessions")]
    [InlineData(1.1, false, "more than all")]
    public void A_sample_rate_must_be_from_0_to_1(double rate, bool isRight, string because) => Expect(
        new ProjectChange { Replay = new ReplayChange { SampleRate = rate } }, isRight, "replay.sample_rate must be from 0 to 1", because);

    [Theory]
    [InlineData(-1, false, "below nothing")]
    [InlineData(0, true, "nothing")]
    [InlineData(3_600_000, true, "the most, an hour")]
    [InlineData(3_600_001, false, "just over the most")]
    public void A_minimum_recording_duration_must_be_at_most_an_hour(int milliseconds, bool isRight, string because) => Expect(
        new ProjectChange { Replay = new ReplayChange { MinimumDuration = TimeSpan.FromMilliseconds(milliseconds) } },
        isRight,
        "replay.minimum_duration_ms must be from 0 to 3600000",
        because);

    [Fact]
    public void Hosts_and_channel_rules_are_checked_by_their_own_rules() =>
        Assert.Equal(
            [
                "channel_rules[0] must be an object",
                "channel_rules[1].items[0] must be an object",
                "channel_rules[2].items must be a list",
                "ignored_referrers[0] must be a host such as \"accounts.google.com\", without scheme, port or path",
                "internal_hosts[1] must be a host such as \"accounts.google.com\", without scheme, port or path",
            ],
            Problems(new ProjectChange
            {
                ChannelRules = [null!, new("1", "AND", [null!], "Own"), new("2", "AND", null!, "Own")],
                IgnoredReferrers = ["https://a.example"],
                InternalHosts = ["a.example", null!],
            }));

    [Theory]
    [InlineData("", "", "regex must be a text of 1 to 500 characters", "an empty expression")]
    [InlineData("x", "", null, "an empty replacement")]
    [InlineData("500", "500", null, "the longest")]
    [InlineData("501", "x", "regex must be a text of 1 to 500 characters", "one longer")]
    [InlineData("x", "501", "replacement must be a text of up to 500 characters", "one longer")]
    [InlineData("a\nb", "x", "regex must be a text of 1 to 500 characters", "a line break")]
    [InlineData("x", "a\nb", "replacement must be a text of up to 500 characters", "a line break")]
    [InlineData(null, "x", "regex must be a text of 1 to 500 characters", "none")]
    [InlineData("x", null, "replacement must be a text of up to 500 characters", "none")]
    public void A_path_rule_must_have_an_expression_and_a_replacement(
        string? regex, string? replacement, string? problem, string because)
    {
        var change = new ProjectChange { PathCleaning = [new("a", "b"), new(Text(regex)!, Text(replacement)!)] };

        Expect(change, problem is null, $"path_cleaning[1].{problem}", because);

        static string? Text(string? text) => text switch
        {
            "500" => Longest,
            "501" => Longest + "x",
            _ => text,
        };
    }

    [Fact]
    public void A_project_may_have_up_to_50_path_rules()
    {
        ProjectPathRule[] rules = [.. Enumerable.Repeat(new ProjectPathRule("a", "b"), ProjectCheck.MaxPathRules + 1)];

        Assert.Empty(Problems(new ProjectChange { PathCleaning = rules[1..] }));
        Assert.Equal(["path_cleaning must be at most 50 rules"], Problems(new ProjectChange { PathCleaning = rules }));
        Assert.Equal(
            [
                "path_cleaning[0].regex must be a text of 1 to 500 characters",
                "path_cleaning[0].replacement must be a text of up to 500 characters",
            ],
            Problems(new ProjectChange { PathCleaning = [null!] }));
    }

    [Fact]
    public void Channel_rules_are_read_as_they_were_sent()
    {
        ChannelRule rule = ProjectCheck.ToDomain([new("1", "OR", [new("url", "exact", ["a", "b"])], "Own")])[0];
        ChannelCondition condition = Assert.Single(rule.Items);

        Assert.Equal(("1", "OR", "Own"), (rule.Id, rule.Combiner, rule.ChannelType));
        Assert.Equal(("url", "exact"), (condition.Key, condition.Op));
        Assert.Equal(["a", "b"], condition.Values);
    }

    [Theory]
    [InlineData(30, 31, false, "the day after the last may still have a session of it")]
    [InlineData(30, 32, true, "the day after that")]
    [InlineData(1, 2, false, "a day is kept for two")]
    [InlineData(1, 3, true, "and then no more")]
    [InlineData(0, 10_000, false, "0 is for ever")]
    public void Sessions_are_kept_for_the_retention_and_one_more_day(
        int retentionDays, int age, bool hasPassed, string because)
    {
        var today = new DateOnly(2026, 3, 1);

        Assert.True(hasPassed == RetentionRule.HasPassed(today.AddDays(-age), today, retentionDays), because);
    }

    [Fact]
    public void An_event_older_than_the_retention_is_too_old()
    {
        DateTimeOffset now = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var rules = new SessionRules { Retention = TimeSpan.FromDays(30) };

        Assert.False(RetentionRule.IsTooOld(now.AddDays(-30), now, rules));
        Assert.True(RetentionRule.IsTooOld(now.AddDays(-30).AddTicks(-1), now, rules));
        Assert.False(RetentionRule.IsTooOld(now.AddYears(-30), now, new SessionRules()));
    }

    private static void Expect(ProjectChange change, bool isRight, string problem, string because) =>
        Assert.True((isRight ? [] : new[] { problem }).SequenceEqual(Problems(change)), $"{because}: {string.Join(", ", Problems(change))}");

    private static string[] Problems(ProjectChange change) =>
        [.. ProjectCheck.Problems(change).Select(problem => $"{problem.Field} {problem.Message}")];
}
