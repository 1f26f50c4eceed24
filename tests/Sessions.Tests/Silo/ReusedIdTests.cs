using System.Text;
using Npgsql;

namespace Sessions.Tests.Silo;

/// <summary>
/// Two different events of a device with one id are both kept. Each counts once, however often, however late and by
/// whatever way it comes again.
/// </summary>
public sealed class ReusedIdTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Theory]
    [InlineData("name", true)]
    [InlineData("time", true)]
    [InlineData("properties", true)]
    [InlineData("person", true)]
    [InlineData("name", false)]
    [InlineData("time", false)]
    [InlineData("properties", false)]
    [InlineData("person", false)]
    public async Task A_second_event_with_the_same_uuid_is_kept_when_something_differs(string what, bool named)
    {
        SessionEvent first = Event(named ? Guid.CreateVersion7() : null);
        SessionEvent second = what switch
        {
            "name" => first with { Name = "bought" },
            "time" => first with { Timestamp = first.Timestamp!.Value.AddMilliseconds(1) },
            "properties" => first with { Properties = Json("""{"page":2}""") },
            _ => first with { DistinctId = "ben" },
        };
        IUserDeviceGrain device = silo.Device(_project, "ann", "phone");
        EventReceipt one = Assert.Single((await device.Track([first])).Events);
        EventReceipt two = Assert.Single((await device.Track([second])).Events);

        Assert.Equal((EventOutcome.New, null), (one.Outcome, one.Reason));
        Assert.Equal((EventOutcome.New, DropReason.UuidReused), (two.Outcome, two.Reason));
        Assert.Equal((first.Id, one.SessionId), (two.EventId, two.SessionId));
        await BothCountOnce(one.SessionId!.Value, [first, second]);
        await silo.ForgetActivations();
        await BothCountOnce(one.SessionId!.Value, [second, first]);

        async Task BothCountOnce(Guid session, SessionEvent[] again)
        {
            foreach (SessionEvent sent in again)
            {
                EventReceipt retry = Assert.Single((await device.Track([sent])).Events);
                Assert.Equal((EventOutcome.Duplicate, session, sent.Id), (retry.Outcome, retry.SessionId, retry.EventId));
                Assert.Equal(sent == second ? DropReason.UuidReused : null, retry.Reason);
            }

            Assert.Equal(2, (await silo.Session(_project, session).Get())!.EventCount);
            Assert.Equal(2L, await Ask("select count(distinct event_id) from tracking.journal where session_id = $1", session));
        }
    }

    [Fact]
    public async Task Different_events_of_one_batch_with_one_uuid_are_all_kept()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session);
        SessionEvent[] sent =
        [
            first,
            first with { Name = "bought" },
            first with { Properties = Json("""{"page":3}""") },
            first,
            first with { Name = "bought", Properties = Json("""{ "page": 1.0 }""") },
        ];
        TrackReceipt receipt = await silo.Device(_project, "ben").Track(sent);
        TrackReceipt again = await silo.Device(_project, "ben").Track([.. sent.Reverse()]);
        await silo.ForgetActivations();
        TrackReceipt reloaded = await silo.Device(_project, "ben").Track(sent);

        Assert.Equal(
            [EventOutcome.New, EventOutcome.New, EventOutcome.New, EventOutcome.Duplicate, EventOutcome.Duplicate],
            receipt.Events.Select(one => one.Outcome));
        Assert.All(again.Events.Concat(reloaded.Events), one => Assert.Equal(EventOutcome.Duplicate, one.Outcome));
        Assert.Equal(3, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task Calls_at_once_with_one_uuid_keep_each_event_once()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session);
        SessionEvent[] sent = [.. Enumerable.Range(0, 40).Select(i => first with { Name = $"e{i % 8}" })];
        await Task.WhenAll(sent.Select(one => silo.Device(_project, "cid").Track([one])));

        Assert.Equal(8, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task A_retry_whose_time_was_corrected_by_another_amount_counts_once()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session) with { ClientTimestamp = Now.AddHours(-5) };
        SessionEvent retry = first with { Timestamp = first.Timestamp!.Value.AddSeconds(70) };
        SessionEvent another = retry with { ClientTimestamp = Now.AddHours(-5).AddSeconds(1) };
        IUserDeviceGrain device = silo.Device(_project, "dan");
        await device.Track([first]);
        Assert.Equal(EventOutcome.Duplicate, (await device.Track([retry])).Events[0].Outcome);
        await silo.ForgetActivations();

        Assert.Equal(
            [EventOutcome.Duplicate, EventOutcome.New, EventOutcome.Duplicate],
            (await device.Track([retry, another, another with { Timestamp = Now }])).Events.Select(one => one.Outcome));
        Assert.Equal(2, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_retry_of_an_event_without_a_client_time_counts_once_whenever_it_comes(bool isReckoned)
    {
        SessionEvent first = Event() with { Timestamp = isReckoned ? Now : null, IsTimeReckoned = isReckoned };
        IUserDeviceGrain device = silo.Device(_project, "eva");
        Guid session = (await device.Track([first])).Events[0].SessionId!.Value;
        silo.Clock.Advance(TimeSpan.FromMinutes(2));
        SessionEvent retry = isReckoned ? first with { Timestamp = Now } : first;
        Assert.Equal(EventOutcome.Duplicate, (await device.Track([retry])).Events[0].Outcome);
        await silo.ForgetActivations();
        Assert.Equal(EventOutcome.Duplicate, (await device.Track([retry])).Events[0].Outcome);
        Assert.Equal(DropReason.UuidReused, (await device.Track([retry with { Name = "bought" }])).Events[0].Reason);

        Assert.Equal(2, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task A_retry_counts_once_despite_gateway_properties_and_the_jsonb_spelling_of_Postgres()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session) with { Properties = Json("""{"b":1e2,"a":{"y":"\u00e9","x":[1.50]},"$ip":"10.0.0.1"}""") };
        IUserDeviceGrain device = silo.Device(_project, "fay");
        await device.Track([first]);
        await silo.ForgetActivations();
        string printed = (string)(await Ask("select properties::text from tracking.journal where session_id = $1", session))!;
        foreach (string properties in (string[])
        [
            printed,
            """{"a":{"x":[1.5],"y":"é"},"b":100,"$ip":null,"$geoip_country_code":"DE"}""",
            """{"$geoip_country_code":"FR","b":100.0,"a":{"x":[15e-1],"y":"é"}}""",
        ])
        {
            Assert.Equal(
                EventOutcome.Duplicate, (await device.Track([first with { Properties = Json(properties) }])).Events[0].Outcome);
        }

        Assert.Equal(1, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task Stored_events_count_once_when_they_come_again_from_an_export()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session) with { ClientTimestamp = Now.AddDays(-1) };
        SessionEvent second = first with { Name = "bought", Properties = default };
        IUserDeviceGrain device = silo.Device(_project, "gus");
        await device.Track([first, second]);
        List<SessionEvent> exported = [];
        await using (NpgsqlCommand read = silo.Database.CreateCommand(
            "select event_id, timestamp, event, properties::text from tracking.all_events where session_id = $1"))
        {
            read.Parameters.AddWithValue(session);
            await using NpgsqlDataReader rows = await read.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                exported.Add(first with
                {
                    Id = rows.GetGuid(0),
                    Timestamp = rows.GetFieldValue<DateTimeOffset>(1),
                    ClientTimestamp = null,
                    Name = rows.GetString(2),
                    Properties = Json(rows.GetString(3)),
                });
            }
        }

        await silo.ForgetActivations();
        TrackReceipt imported = await device.Track(exported);

        Assert.Equal([(EventOutcome.Duplicate, (string?)null), (EventOutcome.Duplicate, null)], imported.Events.Select(one => (one.Outcome, one.Reason)));
        Assert.Equal(2, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task An_event_days_later_with_a_known_uuid_gets_its_own_session_even_in_one_call()
    {
        SessionEvent first = Event() with { Timestamp = Now.AddDays(-2) };
        SessionEvent second = first with { Timestamp = Now };
        SessionEvent[] sent = [first, second, first, second];
        TrackReceipt receipt = await silo.Device(_project, "hal").Track(sent);
        await silo.ForgetActivations();
        TrackReceipt again = await silo.Device(_project, "hal").Track([.. sent.Reverse()]);

        Guid?[] sessions = [.. receipt.Events.Select(one => one.SessionId)];
        Assert.NotEqual(sessions[0], sessions[1]);
        Assert.Equal([sessions[0], sessions[1]], sessions[2..]);
        Assert.Equal([EventOutcome.New, EventOutcome.New, EventOutcome.Duplicate, EventOutcome.Duplicate], receipt.Events.Select(one => one.Outcome));
        Assert.All(again.Events, one => Assert.Equal(EventOutcome.Duplicate, one.Outcome));
        Assert.Equal(sessions.Reverse(), again.Events.Select(one => one.SessionId));
        Assert.Equal(1, (await silo.Session(_project, sessions[0]!.Value).Get())!.EventCount);
        Assert.Equal(1, (await silo.Session(_project, sessions[1]!.Value).Get())!.EventCount);
    }

    [Fact]
    public async Task Another_event_after_a_reset_is_kept_and_a_retry_of_the_one_before_it_is_found()
    {
        IUserDeviceGrain device = silo.Device(_project, "ida");
        SessionEvent first = Event() with { Timestamp = null };
        SessionEvent second = first with { Name = "bought" };
        Guid before = (await device.Track([first])).Events[0].SessionId!.Value;
        Assert.NotNull(await device.Reset());
        silo.Clock.Advance(TimeSpan.FromSeconds(5));
        EventReceipt retry = (await device.Track([first])).Events[0];
        EventReceipt another = (await device.Track([second])).Events[0];
        EventReceipt anotherAgain = (await device.Track([second])).Events[0];

        Assert.Equal((EventOutcome.Duplicate, before), (retry.Outcome, retry.SessionId));
        Assert.Equal(EventOutcome.New, another.Outcome);
        Assert.NotEqual(before, another.SessionId);
        Assert.Equal((EventOutcome.Duplicate, another.SessionId), (anotherAgain.Outcome, anotherAgain.SessionId));
    }

    [Fact]
    public async Task A_retry_with_a_skewed_time_finds_its_own_event_and_not_another_one_with_its_uuid()
    {
        IUserDeviceGrain device = silo.Device(_project, "jim");
        SessionEvent first = Event() with { Timestamp = Now.AddHours(-3), ClientTimestamp = Now.AddHours(-6) };
        SessionEvent second = first with { Timestamp = Now, Name = "bought" };
        TrackReceipt receipt = await device.Track([first]);
        TrackReceipt other = await device.Track([second]);
        TrackReceipt retry = await device.Track([first with { Timestamp = Now.AddHours(-6) }, second with { Timestamp = Now.AddHours(-6) }]);

        Assert.Equal(EventOutcome.New, other.Events[0].Outcome);
        Assert.NotEqual(receipt.Events[0].SessionId, other.Events[0].SessionId);
        Assert.Equal(EventOutcome.Duplicate, retry.Events[0].Outcome);
        Assert.Equal(receipt.Events[0].SessionId, retry.Events[0].SessionId);
        Assert.Equal(EventOutcome.Duplicate, retry.Events[1].Outcome);
        Assert.Equal(other.Events[0].SessionId, retry.Events[1].SessionId);
    }

    [Fact]
    public async Task Events_of_two_devices_with_one_uuid_are_all_kept_in_two_sessions_and_in_one()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session);
        await silo.Device(_project, "kim", "phone").Track([first with { DeviceId = "phone" }]);
        EventReceipt tablet = (await silo.Device(_project, "kim", "tablet").Track([first with { DeviceId = "tablet" }])).Events[0];
        EventReceipt elsewhere = (await silo.Device(_project, "kim", "phone").Track(
            [first with { DeviceId = "phone", SessionId = Guid.CreateVersion7().ToString() }])).Events[0];

        Assert.Equal((EventOutcome.New, null), (tablet.Outcome, tablet.Reason));
        Assert.Equal((EventOutcome.New, null), (elsewhere.Outcome, elsewhere.Reason));
        Assert.Equal(2, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task The_uuid_of_an_event_that_Postgres_refuses_can_be_used_by_another_event()
    {
        SessionEvent poison = Event(Guid.CreateVersion7()) with { Properties = Json("""{"a":"\u0000"}""") };
        SessionEvent good = poison with { Properties = Json("{}") };
        IUserDeviceGrain device = silo.Device(_project, "leo");
        TrackReceipt receipt = await device.Track([poison, good, poison]);
        TrackReceipt again = await device.Track([good]);

        Assert.Equal([EventOutcome.Invalid, EventOutcome.New, EventOutcome.Invalid], receipt.Events.Select(one => one.Outcome));
        Assert.Equal(EventOutcome.Duplicate, again.Events[0].Outcome);
        Assert.Equal(1, (await silo.Session(_project, again.Events[0].SessionId!.Value).Get())!.EventCount);
    }

    [Fact]
    public async Task A_retry_of_an_event_stored_by_an_older_version_without_client_time_counts_once()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session) with { ClientTimestamp = Now.AddHours(-1) };
        IUserDeviceGrain device = silo.Device(_project, "max");
        await device.Track([first]);
        await Ask("update tracking.journal set client_time = null where session_id = $1", session);
        await silo.ForgetActivations();

        Assert.Equal(
            [EventOutcome.Duplicate, EventOutcome.New],
            (await device.Track([first with { Timestamp = Now }, first with { Name = "bought" }])).Events.Select(one => one.Outcome));
    }

    [Fact]
    public async Task After_the_first_event_with_a_uuid_was_erased_a_retry_of_the_second_counts_once()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session);
        SessionEvent second = first with { Name = "bought" };
        IUserDeviceGrain device = silo.Device(_project, "ned");
        await device.Track([first, second]);
        await silo.ForgetActivations();
        await Ask("delete from tracking.journal where session_id = $1 and event = 'click'", session);

        Assert.Equal(EventOutcome.Duplicate, (await device.Track([second])).Events[0].Outcome);
        Assert.Equal(1L, await Ask("select count(*) from tracking.journal where session_id = $1", session));
    }

    [Fact]
    public async Task A_client_that_gives_every_event_the_same_uuid_loses_no_event()
    {
        var session = Guid.CreateVersion7();
        SessionEvent first = Event(session);
        SessionEvent[] sent = [.. Enumerable.Range(0, 40).Select(i => first with { Properties = Json($$"""{"page":{{i}}}""") })];
        IUserDeviceGrain device = silo.Device(_project, "oda");
        foreach (SessionEvent[] call in sent.Chunk(8))
        {
            await device.Track(call);
        }

        await silo.ForgetActivations();
        TrackReceipt again = await device.Track(sent);

        Assert.All(again.Events, one => Assert.Equal(EventOutcome.Duplicate, one.Outcome));
        Assert.Equal(40, (await silo.Session(_project, session).Get())!.EventCount);
    }

    private SessionEvent Event(Guid? session = null) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = "click",
        Timestamp = WholeMilliseconds(Now),
        DistinctId = "ann",
        DeviceId = null,
        SessionId = session?.ToString(),
        Properties = Json("""{"page":1}"""),
    };

    private static DateTimeOffset WholeMilliseconds(DateTimeOffset time) =>
        DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    private static ReadOnlyMemory<byte> Json(string properties) => Encoding.UTF8.GetBytes(properties);

    private async Task<object?> Ask(string sql, Guid session)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand(sql);
        command.Parameters.AddWithValue(session);
        return await command.ExecuteScalarAsync();
    }
}
