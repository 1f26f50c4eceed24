using Npgsql;

namespace Sessions.Tests.Silo;

/// <summary>
/// A stored session that can't be read: only this session is affected. Its device's events are taken, it ends, the operator is
/// told once, and others notice nothing.
/// </summary>
public sealed class DamagedSessionTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private const string AsJson = "convert_to(jsonb_set(convert_from(fold, 'utf8')::jsonb, '{0}', '{1}')::text, 'utf8')";

    private readonly string _project = silo.NewProject();

    public static TheoryData<string> DamagedStates =>
    [
        @"fold = '\xdeadbeef'",
        "fold = ''",
        "fold = 'null'",
        "fold = '{}'",
        "fold = '[1]'",
        @"fold = substring(fold for length(fold) - 1)",
        @"fold = convert_to('{""Number"":2}', 'utf8')",
        Json("{Owner}", "null"),
        Json("{Number}", "7"),
        Json("{Number}", "-1"),
        Json("{Status}", "99"),
        Json("{EndReason}", "1"),
        Json("{UrlHashes}", "null"),
        Json("{UrlHashes}", @"[""x""]"),
        Json("{EventNames}", "null"),
        Json("{EventNames}", @"[""x""]"),
        Json("{EventNames}", @"[[""x"",5,0,""no id""]]"),
        Json("{EventNames}", @"[[null,5,0,""0190163d-8694-739b-aea5-966c26f8ad90""]]"),
        Json("{EventNames}", @"[[""x"",-5,0,""0190163d-8694-739b-aea5-966c26f8ad90""]]"),
        Json("{RageClickCount}", "-1"),
        Json("{Entry}", "{}"),
        Json("{Entry}", "null"),
        Json("{DistinctId}", "{}"),
        Json("{Start}", @"""9999-12-31T00:00:00Z"""),
        Json("{Start}", @"""yesterday"""),
        Json("{EventCount}", "-5"),
        Json("{Owner}", @"""somebody else"""),
        Json("{Entry,Facts,AdIdValues}", @"[""1"",""2"",""3"",""4"",""5"",""6"",""7"",""8"",""9"",""10"",""11"",""12"",""13"",""14"",""15"",""16"",""17"",""18"",""19"",""20""]"),
    ];

    /// <summary>Damage of the second of three entries, and how many events and which end are left.</summary>
    public static TheoryData<string, int> DamagedEntries => new()
    {
        { "kind = 7", 2 },
        { "kind = 99", 2 },
        { "kind = -3", 2 },
        { "time = 'infinity'", 2 },
        { "time = '-infinity'", 2 },
        { "time = '20000-01-01', received_at = '20000-01-01'", 2 },
        { "received_at = '9999-12-31'", 2 },
        { "kind = 2, event = 'merged'", 2 },
        { "properties = '\"text\"'", 3 },
        { "properties = '[1, 2]'", 3 },
        { "properties = 'null'", 3 },
        { "kind = 3", 2 },
    };

    [Theory]
    [MemberData(nameof(DamagedStates))]
    public async Task A_damaged_state_is_folded_again_from_the_journal_and_written_anew(string damage)
    {
        Guid session = await Stored("ann", 2);
        await Do("create table if not exists whole as select session_id, fold from tracking.sessions with no data");
        await Do("insert into whole select session_id, fold from tracking.sessions where session_id = $1", session);
        await Do($"update tracking.sessions set {damage} where session_id = $1", session);

        Assert.Equal(2, (await silo.Session(_project, session).Get())!.EventCount);
        Assert.Contains($"state of session {session}", silo.Warnings, StringComparison.Ordinal);
        await silo.Until(() => Is("select s.fold = w.fold from tracking.sessions s join whole w using (session_id) where session_id = $1", session));
        await silo.ForgetActivations();

        Assert.Equal(EventOutcome.New, await Track("ann", session));
        Assert.Equal(3, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Theory]
    [MemberData(nameof(DamagedStates))]
    public async Task A_device_whose_sessions_state_is_damaged_goes_on_with_that_session(string damage)
    {
        Guid session = await Stored("bea", 2);
        await Do($"update tracking.sessions set {damage} where session_id = $1", session);

        Assert.Equal(EventOutcome.New, await Track("bea", session: null));

        Session live = (await silo.Device(_project, "bea").GetLiveSession())!;
        Assert.Equal((session, 3), (live.SessionId, live.EventCount));
        await silo.Until(() => Is("select number = 3 and event_count = 3 from tracking.sessions where session_id = $1", session));
    }

    [Theory]
    [InlineData(32767)]
    [InlineData(-1)]
    [InlineData(0)]
    public async Task A_state_of_another_version_is_folded_again_and_the_session_is_not_reported_as_damaged(short version)
    {
        Guid session = await Stored("cid", 2);
        await Do($"update tracking.sessions set fold_version = {version} where session_id = $1", session);

        Assert.Equal(EventOutcome.New, await Track("cid", session));

        Assert.Equal(3, (await silo.Session(_project, session).Get())!.EventCount);
        Assert.DoesNotContain($"{session}", silo.Warnings, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(DamagedEntries))]
    public async Task A_damaged_entry_is_passed_over_and_the_session_goes_on(string damage, int left)
    {
        Guid session = await Stored("dan", 3);
        await Do($"update tracking.journal set {damage} where session_id = $1 and number = 2", session);
        await Do("update tracking.sessions set fold_version = 0 where session_id = $1", session);

        Assert.Equal(left, (await silo.Session(_project, session).Get())!.EventCount);
        Assert.Equal(EventOutcome.New, await Track("dan", session));

        Assert.Equal(left + 1, (await silo.Session(_project, session).Get())!.EventCount);
        Assert.Contains($"of session {session}", silo.Warnings, StringComparison.Ordinal);
        await silo.Until(() => Is($"select number >= 4 and event_count = {left + 1} from tracking.sessions where session_id = $1", session));
    }

    [Fact]
    public async Task An_end_with_an_unknown_reason_counts_as_idle()
    {
        Guid session = await Stored("eve", 1);
        await silo.Device(_project, "eve").Reset();
        await Written(session, 2);
        await silo.ForgetActivations();
        await Do("update tracking.journal set event = 'merged' where session_id = $1 and number = 2", session);
        await Do("update tracking.sessions set fold_version = 0, end_reason = 'merged' where session_id = $1", session);

        Session ended = (await silo.Session(_project, session).Get())!;

        Assert.Equal((SessionStatus.Ended, EndReason.Idle), (ended.Status, ended.EndReason));
        Assert.Equal(EventOutcome.New, await Track("eve", session));
    }

    [Theory]
    [InlineData("update tracking.journal set kind = 99 where session_id = $1")]
    [InlineData("update tracking.journal set received_at = 'infinity' where session_id = $1")]
    [InlineData("delete from tracking.journal where session_id = $1")]
    public async Task A_session_of_which_nothing_can_be_read_takes_events_and_ends(string damage)
    {
        Guid session = await Stored("fay", 2);
        await Do(damage, session);
        await Do("update tracking.sessions set fold = 'garbage' where session_id = $1", session);

        // An event that does not name it begins another: who knows whose it was.
        Assert.Equal(EventOutcome.New, await Track("fay", session: null));
        Assert.Equal(EventOutcome.New, await Track("fay", session));

        Session left = (await silo.Session(_project, session).Get())!;
        Assert.Equal((1, "fay"), (left.EventCount, left.DistinctId));
        silo.Clock.Advance(TimeSpan.FromMinutes(31));
        await silo.Device(_project, "fay").AsReference<IRemindable>().ReceiveReminder("idle", default);
        await silo.Until(() => Is("select status = 'ended' and event_count = 1 from tracking.sessions where session_id = $1", session));
        await silo.Until(() => Is("select not exists (select from tracking.sessions where device_key = (select device_key from tracking.sessions where session_id = $1) and status = 'live')", session));
    }

    [Fact]
    public async Task The_session_of_a_device_that_never_comes_back_ends_although_nothing_of_it_can_be_read()
    {
        Guid session = await Stored("gus", 2);
        await Do("update tracking.journal set kind = 99 where session_id = $1", session);
        await Do("update tracking.sessions set fold = 'garbage' where session_id = $1", session);

        silo.Clock.Advance(TimeSpan.FromMinutes(31));
        await silo.Device(_project, "gus").AsReference<IRemindable>().ReceiveReminder("idle", default);

        await silo.Until(() => Is("select status = 'ended' and end_reason = 'idle' from tracking.sessions where session_id = $1", session));
    }

    [Fact]
    public async Task A_session_is_reported_once()
    {
        Guid session = await Stored("hal", 2);
        for (int times = 0; times < 3; times++)
        {
            await Do("update tracking.sessions set fold = 'garbage' where session_id = $1", session);
            await silo.Session(_project, session).Get();
            await silo.ForgetActivations();
        }

        Assert.Equal(2, silo.Warnings.Split($"{session}").Length);
    }

    /// <summary>Sessions and devices are read in batches.</summary>
    [Fact]
    public async Task Sessions_that_are_read_together_with_an_unreadable_one_are_read()
    {
        string[] people = [.. Enumerable.Range(0, 40).Select(person => $"person {person}")];
        Guid[] sessions = await Task.WhenAll(people.Select(person => Begun(person, 1)));
        await Task.WhenAll(sessions.Select(session => Written(session, 1)));
        await silo.ForgetActivations();
        // .NET has no such year.
        await Do("update tracking.sessions set start_timestamp = '20000-01-01', end_timestamp = '20000-01-01' where session_id = $1", sessions[17]);

        Session?[] found = await Task.WhenAll(sessions.Select((session, at) => at == 17 ? Task.FromResult<Session?>(null) : silo.Session(_project, session).Get()));
        Task[] tracks = [.. people.Select((person, at) => Track(person, sessions[at]))];
        await Task.WhenAll(tracks.Where((_, at) => at != 17));

        Assert.All(found.Where((_, at) => at != 17), session => Assert.Equal(1, session!.EventCount));
        await Assert.ThrowsAsync<SessionsUnavailableException>(() => tracks[17]);
    }

    private static string Json(string path, string value) =>
        "fold = " + AsJson.Replace("{0}", path, StringComparison.Ordinal).Replace("{1}", value, StringComparison.Ordinal);

    /// <summary>A session that is in Postgres and in no memory.</summary>
    private async Task<Guid> Stored(string person, int events)
    {
        Guid session = await Begun(person, events);
        await Written(session, events);
        await silo.ForgetActivations();
        return session;
    }

    private async Task<Guid> Begun(string person, int events)
    {
        var session = Guid.CreateVersion7();
        for (int number = 0; number < events; number++)
        {
            await Track(person, session);
        }

        return session;
    }

    private Task Written(Guid session, int number) =>
        silo.Until(() => Is($"select number = {number} from tracking.sessions where session_id = $1", session));

    private async Task<EventOutcome> Track(string person, Guid? session) => (await silo.Device(_project, person).Track(
    [
        new SessionEvent
        {
            Id = Guid.CreateVersion7(),
            Name = "$pageview",
            DistinctId = person,
            SessionId = session?.ToString(),
            Timestamp = silo.Clock.GetUtcNow(),
            Properties = """{"$current_url":"https://x.example/a"}"""u8.ToArray(),
        },
    ])).Events[0].Outcome;

    private async Task Do(string sql, Guid? session = null)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(sql);
        if (session is { } its)
        {
            command.Parameters.AddWithValue(its);
        }

        await command.ExecuteNonQueryAsync();
    }

    private async Task<bool> Is(string sql, Guid session)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(sql);
        command.Parameters.AddWithValue(session);
        return await command.ExecuteScalarAsync() is true;
    }
}
