using System.Text.Json;
using Sessions.Domain.Projects;

namespace Sessions.Domain.Tests.Projects;

/// <summary>Each setting is in the list, and the list reads, writes, merges and applies it.</summary>
public sealed class ProjectSettingListTests
{
    private static readonly ProjectChange All = new()
    {
        Name = "Shop",
        TimeZone = "Europe/Berlin",
        WeekStart = DayOfWeek.Saturday,
        IdleTimeout = TimeSpan.FromMinutes(10),
        BounceDuration = TimeSpan.FromSeconds(2.5),
        ChannelRules = [new("1", "AND", [new("url", "exact", ["a"])], "Own")],
        AiChannel = true,
        IgnoredReferrers = ["auth0.com"],
        BotFilter = false,
        InternalHosts = ["localhost"],
        RetentionDays = 60,
        PathCleaning = [new("\\d+", ":id")],
        DefaultRange = "90d",
        MaxEventsPerDay = 1_000_000,
        MaxMegabytesPerDay = 500,
        Replay = new ReplayChange
        {
            Enabled = false,
            SampleRate = 0.5,
            MinimumDuration = TimeSpan.FromSeconds(1),
            Console = true,
            RetentionDays = 7,
            Network = true,
            TriggerUrls = ["^https://shop\\.example/checkout"],
            TriggerEvents = ["purchased"],
        },
    };

    [Fact]
    public void A_change_has_a_member_for_every_setting_and_no_other()
    {
        string[] members =
        [
            .. typeof(ProjectChange).GetProperties().Where(property => property.CanWrite && property.Name != nameof(ProjectChange.Replay))
                .Select(property => property.Name),
            .. typeof(ReplayChange).GetProperties().Where(property => property.CanWrite).Select(property => property.Name),
        ];

        Assert.Equal(members.Length, ProjectSettingList.All.Count);
        Assert.All(members, member => Assert.NotNull((typeof(ProjectChange).GetProperty(member)?.GetValue(All))
            ?? typeof(ReplayChange).GetProperty(member)?.GetValue(All.Replay)));
    }

    [Fact]
    public void A_change_is_applied_to_the_settings_and_reads_the_same_from_json_and_from_the_form()
    {
        ProjectSettings settings = ProjectSettingList.Apply(Settings(), All);

        foreach (ProjectSetting setting in ProjectSettingList.All)
        {
            ProjectChange one = setting.Merge(new ProjectChange(), All);
            Assert.NotEqual(new ProjectChange(), one);
            Assert.NotEqual(setting.Format(Settings()), setting.Format(settings));
            using JsonDocument json = JsonDocument.Parse(Written(setting, settings));
            Assert.Equal(Text(one), Text(setting.Read(json.RootElement, new ProjectChange(), Unexpected)));
            Assert.Equal(Text(one), Text(setting.Parse(setting.Format(settings), new ProjectChange(), Unexpected)));
        }
    }

    [Fact]
    public void A_later_change_wins_where_it_has_a_value()
    {
        ProjectChange merged = ProjectSettingList.Merge(All, new ProjectChange { Name = "Shop 2", Replay = new ReplayChange { Console = false } });

        Assert.Equal(Text(All with { Name = "Shop 2", Replay = All.Replay! with { Console = false } }), Text(merged));
    }

    [Fact]
    public void A_change_stored_before_a_setting_existed_leaves_the_settings_default() =>
        Assert.Equal("7d", ProjectSettingList.Apply(Settings(), All with { DefaultRange = null }).DefaultRange);

    private static ProjectSettings Settings() => new()
    {
        Version = 0,
        Name = "shop",
        IdleTimeout = TimeSpan.FromMinutes(30),
        BounceDuration = TimeSpan.FromSeconds(10),
    };

    private static string Text(ProjectChange change) => JsonSerializer.Serialize(change);

    private static string Written(ProjectSetting setting, ProjectSettings settings)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            setting.Write(json, settings);
        }

        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }

    private static void Unexpected(string field, string message) => Assert.Fail($"{field} {message}");
}
