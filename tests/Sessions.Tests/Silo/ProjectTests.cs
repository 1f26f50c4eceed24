using System.Text;
using Npgsql;

namespace Sessions.Tests.Silo;

/// <summary>A project's settings, stored by Orleans in a real Postgres, and what they do to its sessions.</summary>
public sealed class ProjectTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    private IProjectGrain Project => silo.Cluster.Client.GetGrain<IProjectGrain>(ProjectKey.Create(_project));

    [Fact]
    public async Task A_project_without_stored_settings_has_the_defaults()
    {
        ProjectSettings settings = await Project.Get();

        Assert.Equal((_project, "UTC", DayOfWeek.Monday), (settings.Name, settings.TimeZone, settings.WeekStart));
        Assert.Equal((TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(10)), (settings.IdleTimeout, settings.BounceDuration));
        Assert.Equal((true, false, 0), (settings.BotFilter, settings.AiChannel, settings.RetentionDays));
        Assert.Equal((true, 1.0, false), (settings.Replay.Enabled, settings.Replay.SampleRate, settings.Replay.Console));
        Assert.Empty(settings.ChannelRules);
    }

    [Fact]
    public async Task A_change_leaves_the_other_settings_and_is_kept_when_the_grain_is_deactivated()
    {
        await Project.Update(new ProjectChange { Name = "Shop", Replay = new ReplayChange { SampleRate = 0.5 } });
        await Project.Update(new ProjectChange { TimeZone = "Europe/Berlin", Replay = new ReplayChange { Console = true } });
        await Project.Update(new ProjectChange { ChannelRules = [PartnerRule], IgnoredReferrers = ["auth0.com"] });
        await silo.ForgetActivations();

        ProjectSettings settings = await Project.Get();

        Assert.Equal((3, "Shop", "Europe/Berlin"), (settings.Version, settings.Name, settings.TimeZone));
        Assert.Equal((0.5, true), (settings.Replay.SampleRate, settings.Replay.Console));
        Assert.Equal(["auth0.com"], settings.IgnoredReferrers);
        ProjectChannelRule rule = Assert.Single(settings.ChannelRules);
        Assert.Equal(("partners", "Partners"), (rule.Id, rule.ChannelType));
        Assert.Equal(["partner"], Assert.Single(rule.Items).Values);
    }

    [Fact]
    public async Task An_invalid_value_changes_nothing_and_is_named_in_the_error()
    {
        var change = new ProjectChange { Name = "Shop", IdleTimeout = TimeSpan.FromSeconds(59) };

        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => Project.Update(change));

        Assert.Contains("idle_timeout_seconds must be from 60 to 36000", refused.Message, StringComparison.Ordinal);
        Assert.Equal(_project, (await Project.Get()).Name);
    }

    [Fact]
    public async Task Settings_are_stored_without_DotNet_type_names()
    {
        await Project.Update(new ProjectChange { Name = "Shop" });

        await using NpgsqlCommand command = silo.Database.CreateCommand(
            "select payloadbinary from orleans.orleansstorage where grainidextensionstring = $1");
        command.Parameters.AddWithValue(ProjectKey.Create(_project));
        string stored = Encoding.Latin1.GetString((byte[])(await command.ExecuteScalarAsync())!);

        Assert.Contains("Shop", stored, StringComparison.Ordinal);
        Assert.DoesNotContain("Sessions.", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_shorter_idle_timeout_a_session_ends_earlier()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("ann", Now, sessionId);
        await Project.Update(new ProjectChange { IdleTimeout = TimeSpan.FromSeconds(60) });
        await Track("ann", Now, sessionId);

        silo.Clock.Advance(TimeSpan.FromSeconds(60) - TimeSpan.FromMilliseconds(1));
        await Tick("ann");
        Assert.Equal(SessionStatus.Live, (await silo.Session(_project, sessionId).Get())!.Status);

        silo.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await Tick("ann");
        Assert.Equal(SessionStatus.Ended, (await silo.Session(_project, sessionId).Get())!.Status);
    }

    [Fact]
    public async Task A_changed_idle_timeout_applies_to_the_next_event()
    {
        Guid? first = (await Track("ben", Now)).Events[0].SessionId;
        await Project.Update(new ProjectChange { IdleTimeout = TimeSpan.FromSeconds(60) });

        Guid? atTimeout = (await Track("ben", Now.AddSeconds(60))).Events[0].SessionId;
        Guid? after = (await Track("ben", Now.AddSeconds(120.001))).Events[0].SessionId;

        Assert.Equal(first, atTimeout);
        Assert.NotEqual(atTimeout, after);
    }

    [Fact]
    public async Task A_longer_bounce_duration_makes_a_short_visit_a_bounce()
    {
        await Project.Update(new ProjectChange { BounceDuration = TimeSpan.FromSeconds(60) });
        var sessionId = Guid.CreateVersion7();
        await Track("cid", Now.AddSeconds(-30), sessionId, """{"$current_url":"https://shop.example/"}""");
        await Track("cid", Now, sessionId, name: "bought");

        Assert.True((await silo.Session(_project, sessionId).Get())!.IsBounce);
    }

    [Fact]
    public async Task A_custom_channel_rule_wins_over_the_built_in_ones_in_the_API_and_in_SQL()
    {
        await Project.Update(new ProjectChange { ChannelRules = [PartnerRule] });
        var partner = Guid.CreateVersion7();
        var search = Guid.CreateVersion7();
        await Track("dan", Now, partner, """{"utm_source":"partner","$referring_domain":"www.google.com"}""");
        await Track("eve", Now, search, """{"$referring_domain":"www.google.com"}""");

        Assert.Equal("Partners", (await silo.Session(_project, partner).Get())!.ChannelType);
        Assert.Equal("Organic Search", (await silo.Session(_project, search).Get())!.ChannelType);
        Assert.Equal("Partners", await Column("channel_type", partner));
        Assert.Equal("Organic Search", await Column("channel_type", search));
    }

    [Fact]
    public async Task A_session_with_an_ignored_referrer_has_no_referrer()
    {
        await Project.Update(new ProjectChange { IgnoredReferrers = ["auth0.com"] });
        var sessionId = Guid.CreateVersion7();
        await Track("fay", Now, sessionId, """{"$referring_domain":"me.eu.auth0.com"}""");

        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal((null, "Unknown"), (session.EntryReferringDomain, session.ChannelType));
        Assert.Equal(DBNull.Value, await Column("entry_referring_domain", sessionId));
    }

    [Fact]
    public async Task A_servers_event_has_browser_system_and_kind_of_device_from_its_user_agent_and_its_country()
    {
        var sessionId = Guid.CreateVersion7();
        await Track("gus", Now, sessionId, """
            {"$raw_user_agent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
             "$geoip_country_code":"NZ"}
            """);

        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal(("Chrome", "Windows", "Desktop", "NZ"), (session.Browser, session.Os, session.DeviceType, session.Country));
        Assert.Equal("NZ", await Column("country", sessionId));
    }

    private static ProjectChannelRule PartnerRule =>
        new("partners", "AND", [new ProjectChannelCondition("utm_source", "exact", ["partner"])], "Partners");

    private Task<TrackReceipt> Track(
        string device, DateTimeOffset time, Guid? sessionId = null, string properties = "{}", string name = "$pageview") =>
        silo.Device(_project, device).Track(
        [
            new SessionEvent
            {
                Id = Guid.CreateVersion7(),
                Name = name,
                Timestamp = time,
                DistinctId = device,
                SessionId = sessionId?.ToString(),
                Properties = Encoding.UTF8.GetBytes(properties),
            },
        ]);

    private Task Tick(string device) =>
        silo.Device(_project, device).AsReference<IRemindable>().ReceiveReminder("idle", default(TickStatus));

    private async Task<object?> Column(string name, Guid sessionId)
    {
        await using NpgsqlCommand command =
            silo.Database.CreateCommand($"select {name} from tracking.sessions where session_id = $1");
        command.Parameters.AddWithValue(sessionId);
        return await command.ExecuteScalarAsync();
    }
}
