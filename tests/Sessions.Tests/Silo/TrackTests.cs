using System.Text;
using Npgsql;

namespace Sessions.Tests.Silo;

public sealed class TrackTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task A_client_session_has_the_pages_and_counts_of_its_events()
    {
        var sessionId = Guid.CreateVersion7();
        TrackReceipt receipt = await silo.Device(_project, "ann", "phone").Track(
        [
            Event("$pageview", Now.AddSeconds(-20), sessionId, """{"$current_url":"https://x.org/a?utm=1","utm_source":"news"}"""),
            Event("$autocapture", Now.AddSeconds(-15), sessionId),
            Event("$pageview", Now.AddSeconds(-10), sessionId, """{"$current_url":"https://x.org/b"}"""),
            Event("bought", Now, sessionId),
        ]);

        Assert.All(receipt.Events, one => Assert.Equal((EventOutcome.New, sessionId), (one.Outcome, one.SessionId)));
        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal(("/a", "/b", "news"), (session.EntryPathname, session.ExitPathname, session.EntryUtmSource));
        Assert.Equal((2, 1, 4), (session.PageviewCount, session.AutocaptureCount, session.EventCount));
        Assert.Equal((TimeSpan.FromSeconds(20), false), (session.Duration, session.IsBounce));
        Assert.Equal(SessionStatus.Live, session.Status);
        Assert.Equal(4L, await Scalar("select count(*) from tracking.journal where session_id = $1", sessionId));
        Assert.Equal("live", await Scalar("select status from tracking.sessions where session_id = $1", sessionId));
    }

    [Fact]
    public async Task A_repeated_event_counts_once_in_its_batch_later_and_after_the_grain_was_deactivated()
    {
        var sessionId = Guid.CreateVersion7();
        SessionEvent once = Event("$pageview", Now, sessionId);
        IUserDeviceGrain device = silo.Device(_project, "ben");

        TrackReceipt first = await device.Track([once, once]);
        TrackReceipt second = await device.Track([once]);
        await silo.ForgetActivations();
        TrackReceipt third = await silo.Device(_project, "ben").Track([once]);

        Assert.Equal([EventOutcome.New, EventOutcome.Duplicate], first.Events.Select(one => one.Outcome));
        Assert.Equal(EventOutcome.Duplicate, second.Events[0].Outcome);
        Assert.Equal(EventOutcome.Duplicate, third.Events[0].Outcome);
        Assert.Equal(1, (await silo.Session(_project, sessionId).Get())!.EventCount);
    }

    [Theory]
    [InlineData(0, 5, "it was sent without its time of sending at first")]
    [InlineData(5, 0, "it is sent without its time of sending this time")]
    [InlineData(-3, 5, "the client's clock was put right in between")]
    public async Task A_repeated_event_counts_once_although_its_time_is_corrected_by_another_amount(
        int hoursFirst, int hoursThen, string because)
    {
        SessionEvent sent = Event("$pageview", Now.AddHours(-5));
        DateTimeOffset byClient = sent.Timestamp!.Value;
        SessionEvent Corrected(int hours) =>
            hours == 0 ? sent : sent with { Timestamp = byClient.AddHours(hours), ClientTimestamp = byClient };

        TrackReceipt first = await silo.Device(_project, because).Track([Corrected(hoursFirst)]);
        await silo.ForgetActivations();
        TrackReceipt again = await silo.Device(_project, because).Track([Corrected(hoursThen)]);

        Assert.Equal(EventOutcome.Duplicate, again.Events[0].Outcome);
        Assert.Equal(first.Events[0].SessionId, again.Events[0].SessionId);
    }

    [Fact]
    public async Task Events_without_a_session_id_share_one_session_until_the_idle_timeout()
    {
        IUserDeviceGrain device = silo.Device(_project, "cid");
        TrackReceipt receipt = await device.Track(
        [
            Event("a", Now.AddMinutes(-90)), Event("b", Now.AddMinutes(-61)), Event("c", Now.AddMinutes(-30)), Event("d", Now),
        ]);

        Guid?[] sessions = receipt.Events.Select(one => one.SessionId).ToArray();
        Assert.Equal(sessions[0], sessions[1]);
        Assert.NotEqual(sessions[1], sessions[2]);
        Assert.Equal(sessions[2], sessions[3]);
        Assert.Equal(SessionStatus.Ended, (await silo.Session(_project, sessions[0]!.Value).Get())!.Status);
        Assert.Equal(sessions[3], (await device.GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task Events_of_the_same_time_keep_the_calls_order_after_repeats_and_a_deactivation()
    {
        SessionEvent[] events =
        [
            .. Enumerable.Range(1, 5).Select(page => Event("$pageview", Now, properties: $$"""{"$current_url":"https://x.org/{{page}}"}""") with
            {
                // Against the order of their ids.
                Id = new Guid(9 - page, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
            }),
        ];
        Guid session = (await silo.Device(_project, "uma").Track(events)).Events[0].SessionId!.Value;
        string before = await Pages();
        await silo.ForgetActivations();
        await silo.Device(_project, "uma").Track(events);

        Assert.Equal(("/1 /5", "/1 /5"), (before, await Pages()));

        async Task<string> Pages()
        {
            Session read = (await silo.Session(_project, session).Get())!;
            return $"{read.EntryPathname} {read.ExitPathname}";
        }
    }

    [Theory]
    [InlineData("0 1 2")]
    [InlineData("2 1 0")]
    [InlineData("1 2 0 1")]
    [InlineData("2 0 forget 0 1 forget 2")]
    public async Task Events_of_the_same_time_are_in_their_senders_order_whatever_calls_bring_them(string arriving)
    {
        SessionEvent[] events =
        [
            .. Enumerable.Range(0, 3).Select(order => Event("$screen", Now, properties: $$"""{"$current_url":"app://x/{{order}}","$os":"os {{order}}"}""") with
            {
                Id = new Guid(9 - order, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
                SenderOrder = order + 1,
            }),
        ];
        Guid? session = null;
        foreach (string step in arriving.Split(' '))
        {
            if (step == "forget")
            {
                await silo.ForgetActivations();
                continue;
            }

            session = (await silo.Device(_project, $"vic {arriving}").Track([events[step[0] - '0']])).Events[0].SessionId;
        }

        Session read = (await silo.Session(_project, session!.Value).Get())!;
        Assert.Equal(("/0", "/2", "os 0", 3), (read.EntryPathname, read.ExitPathname, read.Os, read.EventCount));
    }

    [Fact]
    public async Task A_late_event_joins_its_session_after_the_grain_was_deactivated()
    {
        IUserDeviceGrain device = silo.Device(_project, "dan");
        TrackReceipt first = await device.Track([Event("a", Now.AddHours(-9)), Event("b", Now.AddHours(-5)), Event("c", Now)]);
        await silo.ForgetActivations();

        TrackReceipt late = await silo.Device(_project, "dan").Track([Event("late", Now.AddHours(-9).AddMinutes(7))]);

        Assert.Equal(first.Events[0].SessionId, late.Events[0].SessionId);
        Session session = (await silo.Session(_project, late.Events[0].SessionId!.Value).Get())!;
        Assert.Equal((2, SessionStatus.Ended, EndReason.Idle), (session.EventCount, session.Status, session.EndReason));
    }

    [Fact]
    public async Task One_event_that_postgres_refuses_fails_alone()
    {
        var sessionId = Guid.CreateVersion7();
        TrackReceipt receipt = await silo.Device(_project, "eve").Track(
        [
            Event("a", Now, sessionId),
            Event("poison", Now, sessionId, """{"a":"\u0000"}"""),
            Event("b", Now, sessionId),
            Event("broken", Now, sessionId, """{"a":"""),
        ]);

        Assert.Equal(
            [EventOutcome.New, EventOutcome.Invalid, EventOutcome.New, EventOutcome.Invalid],
            receipt.Events.Select(one => one.Outcome));
        Assert.Equal(DropReason.InvalidProperties, receipt.Events[1].Reason);
        Assert.Equal(2, (await silo.Session(_project, sessionId).Get())!.EventCount);
    }

    [Fact]
    public async Task A_new_client_session_ends_the_one_before_it()
    {
        var before = Guid.CreateVersion7();
        var after = Guid.CreateVersion7();
        IUserDeviceGrain device = silo.Device(_project, "fay", "browser");
        await device.Track([Event("a", Now.AddMinutes(-5), before)]);
        await device.Track([Event("b", Now, after)]);

        Session ended = (await silo.Session(_project, before).Get())!;
        Assert.Equal((SessionStatus.Ended, EndReason.NewClientSession), (ended.Status, ended.EndReason));
        Assert.Equal(after, (await device.GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task The_newest_session_stays_live_when_an_event_of_the_previous_session_arrives_late()
    {
        var before = Guid.CreateVersion7();
        var after = Guid.CreateVersion7();
        IUserDeviceGrain device = silo.Device(_project, "flo", "browser");
        await device.Track([Event("a", Now.AddSeconds(-20), before), Event("b", Now.AddSeconds(-3), before)]);
        await device.Track([Event("c", Now.AddSeconds(-5), after)]);
        await device.Track([Event("d", Now, after)]);

        Assert.Equal(EndReason.NewClientSession, (await silo.Session(_project, before).Get())!.EndReason);
        Assert.Equal(after, (await device.GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task A_backend_that_names_a_browsers_session_does_not_end_it()
    {
        var sessionId = Guid.CreateVersion7();
        await silo.Device(_project, "gus", "browser").Track([Event("$pageview", Now.AddMinutes(-2), sessionId, distinctId: "gus", deviceId: "browser")]);
        IUserDeviceGrain backend = silo.Device(_project, "gus");
        await backend.Track([Event("paid", Now.AddMinutes(-1), sessionId, distinctId: "gus")]);
        await backend.Track([Event("mailed", Now, Guid.CreateVersion7(), distinctId: "gus")]);

        Session session = (await silo.Session(_project, sessionId).Get())!;
        Assert.Equal((2, SessionStatus.Live), (session.EventCount, session.Status));
        Assert.Equal(sessionId, (await silo.Device(_project, "gus", "browser").GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task A_reset_ends_the_session_and_the_next_event_starts_a_new_one()
    {
        IUserDeviceGrain device = silo.Device(_project, "hal");
        TrackReceipt first = await device.Track([Event("a", Now.AddMinutes(-1))]);
        Session? reset = await device.Reset();
        silo.Clock.Advance(TimeSpan.FromSeconds(1));
        TrackReceipt second = await device.Track([Event("b", Now)]);

        Assert.Equal((first.Events[0].SessionId, EndReason.Reset), (reset?.SessionId, reset?.EndReason));
        Assert.NotEqual(first.Events[0].SessionId, second.Events[0].SessionId);
        Assert.Null(await silo.Device(_project, "nobody").Reset());
    }

    [Fact]
    public async Task A_repeated_reset_does_not_end_the_session_that_started_since()
    {
        IUserDeviceGrain device = silo.Device(_project, "kim");
        IDeviceReset reset = silo.Cluster.Client.GetGrain<IDeviceReset>(UserDeviceKey.Create(_project, "kim"));
        Guid first = (await device.Track([Event("a", Now.AddMinutes(-1))])).Events[0].SessionId!.Value;
        Assert.Equal(EndReason.Reset, (await reset.Reset(first))?.EndReason);
        silo.Clock.Advance(TimeSpan.FromSeconds(1));
        Guid second = (await device.Track([Event("b", Now)])).Events[0].SessionId!.Value;

        Session? again = await reset.Reset(first);

        Assert.Equal((first, EndReason.Reset), (again?.SessionId, again?.EndReason));
        Assert.Equal(second, (await device.GetLiveSession())?.SessionId);
        Assert.Equal(first, (await AfterAReturn())?.SessionId);
        Assert.Null(await reset.Reset(Guid.CreateVersion7()));

        async Task<Session?> AfterAReturn()
        {
            await silo.ForgetActivations();
            return await reset.Reset(first);
        }
    }

    [Fact]
    public async Task A_reset_does_nothing_to_a_session_that_has_idled()
    {
        IDeviceReset reset = silo.Cluster.Client.GetGrain<IDeviceReset>(UserDeviceKey.Create(_project, "lea"));
        Guid idled = (await silo.Device(_project, "lea").Track([Event("a", Now)])).Events[0].SessionId!.Value;
        silo.Clock.Advance(TimeSpan.FromMinutes(31));

        Assert.Null(await reset.Reset(idled));
        Assert.Equal(EndReason.Idle, (await silo.Session(_project, idled).Get())?.EndReason);
    }

    [Fact]
    public async Task Becoming_identified_keeps_the_session_and_another_identified_user_starts_a_new_one()
    {
        IUserDeviceGrain device = silo.Device(_project, "anon", "tablet");
        TrackReceipt receipt = await device.Track(
        [
            Event("a", Now.AddSeconds(-9), distinctId: "anon", deviceId: "tablet"),
            Event("$identify", Now.AddSeconds(-8), distinctId: "ida", deviceId: "tablet"),
            Event("$identify", Now.AddSeconds(-7), distinctId: "jim", deviceId: "tablet"),
        ]);

        Assert.Equal(receipt.Events[0].SessionId, receipt.Events[1].SessionId);
        Assert.NotEqual(receipt.Events[1].SessionId, receipt.Events[2].SessionId);
        Assert.Equal(EndReason.UserChanged, (await silo.Session(_project, receipt.Events[0].SessionId!.Value).Get())!.EndReason);
    }

    [Fact]
    public async Task A_full_session_drops_further_events()
    {
        var sessionId = Guid.CreateVersion7();
        SessionEvent[] events = Enumerable.Range(0, 52).Select(i => Event("e", Now.AddSeconds(-i), sessionId)).ToArray();
        TrackReceipt receipt = await silo.Device(_project, "kim").Track(events);

        Assert.Equal(50, receipt.Events.Count(one => one.Outcome == EventOutcome.New));
        Assert.Equal([DropReason.SessionFull], receipt.Events.Skip(50).Select(one => one.Reason).Distinct());
    }

    [Fact]
    public async Task Sixteen_first_events_at_once_are_one_session()
    {
        TrackReceipt[] receipts = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ =>
            silo.Device(_project, "lea").Track([Event("a", Now)])));

        Assert.Single(receipts.SelectMany(receipt => receipt.Events).Select(one => one.SessionId).Distinct());
    }

    [Fact]
    public async Task An_outdated_row_of_a_dead_silo_is_updated_although_the_session_gets_no_more_calls()
    {
        var sessionId = Guid.CreateVersion7();
        await silo.Device(_project, "mia").Track([Event("a", Now, sessionId)]);
        object? before = await Scalar("select fold from tracking.sessions where session_id = $1", sessionId);
        await silo.Device(_project, "mia").Track([Event("b", Now, sessionId)]);
        await silo.Until(async () => await EventsInRow(sessionId) == 2);
        await silo.ForgetActivations();

        // As it was when the silo died.
        await using (NpgsqlCommand dead = silo.Database.CreateCommand(
            "update tracking.sessions set number = 1, event_count = 1, fold = $2 where session_id = $1"))
        {
            dead.Parameters.AddWithValue(sessionId);
            dead.Parameters.AddWithValue(before!);
            await dead.ExecuteNonQueryAsync();
        }

        await using (NpgsqlCommand mark = silo.Database.CreateCommand(
            "insert into tracking.checkpoints (silo, done_until, seen_at) values ('dead', now() - interval '3 minutes', now() - interval '3 minutes')"))
        {
            await mark.ExecuteNonQueryAsync();
        }

        await silo.Until(async () => await EventsInRow(sessionId) == 2);
        await silo.Until(async () => (long)(await Scalar("select count(*) from tracking.checkpoints where silo = 'dead' and $1 is not null", sessionId))! == 0);
    }

    [Fact]
    public async Task A_session_stored_by_an_older_version_gets_its_screens_with_the_next_event()
    {
        var sessionId = Guid.CreateVersion7();
        IUserDeviceGrain device = silo.Device(_project, "wes");
        await device.Track([Event("$screen", Now.AddSeconds(-2), sessionId, """{"$screen_name":"Home"}""")]);
        await silo.ForgetActivations();
        await using (NpgsqlCommand older = silo.Database.CreateCommand(
            """
            with entries as (update tracking.journal set sender_order = null where session_id = $1)
            update tracking.sessions
            set    fold_version = 4, fold = '{"of":"an older version"}', entry_screen_name = null, exit_screen_name = null,
                   entry_pathname = null, exit_pathname = null, unique_url_count = 0
            where  session_id = $1
            """))
        {
            older.Parameters.AddWithValue(sessionId);
            await older.ExecuteNonQueryAsync();
        }

        await silo.Device(_project, "wes").Track([Event("$screen", Now, sessionId, """{"$screen_name":"Cart"}""")]);

        await silo.Until(async () => "Home Cart Home Cart 2" == (string?)await Scalar(
            """
            select concat_ws(' ', entry_screen_name, exit_screen_name, entry_pathname, exit_pathname, unique_url_count)
            from   tracking.sessions
            where  session_id = $1
            """,
            sessionId));
    }

    private async Task<int> EventsInRow(Guid sessionId) =>
        (int)(await Scalar("select event_count from tracking.sessions where session_id = $1", sessionId))!;

    private static SessionEvent Event(
        string name, DateTimeOffset time, Guid? session = null, string properties = "", string distinctId = "someone", string? deviceId = null) =>
        new()
        {
            Id = Guid.CreateVersion7(),
            Name = name,
            Timestamp = time,
            DistinctId = distinctId,
            DeviceId = deviceId,
            SessionId = session?.ToString(),
            Properties = Encoding.UTF8.GetBytes(properties),
        };

    private async Task<object?> Scalar(string sql, Guid sessionId)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(sql);
        command.Parameters.AddWithValue(sessionId);
        return await command.ExecuteScalarAsync();
    }
}
