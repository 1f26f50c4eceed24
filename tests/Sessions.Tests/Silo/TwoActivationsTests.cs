using Npgsql;

namespace Sessions.Tests.Silo;

/// <summary>
/// While silos join and leave, a grain may have two activations for a while: one that gets events, and one with an
/// older state. Two clusters on one database have both permanently.
/// </summary>
public sealed class TwoActivationsTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private readonly string _project = silo.NewProject();

    private DateTimeOffset Now => silo.Clock.GetUtcNow();

    [Fact]
    public async Task A_session_answers_with_the_events_that_its_other_activation_stored()
    {
        await using SiloFixture elsewhere = await silo.OtherSide();
        var session = Guid.CreateVersion7();
        await silo.Device(_project, "ann").Track([Event("a", session), Event("b", session)]);
        await elsewhere.Device(_project, "ann").Track([Event("c", session)]);

        Assert.Equal(3, (await silo.Session(_project, session).Get())!.EventCount);
        await elsewhere.Device(_project, "ann").Track([Event("d", session)]);
        Assert.Equal(4, (await silo.Session(_project, session).Get())!.EventCount);
        Assert.Equal(4, (await silo.Device(_project, "ann").GetLiveSession())!.EventCount);
    }

    [Fact]
    public async Task An_unknown_session_is_found_as_soon_as_its_other_activation_has_started_it()
    {
        await using SiloFixture elsewhere = await silo.OtherSide();
        var session = Guid.CreateVersion7();
        Assert.Null(await silo.Session(_project, session).Get());

        await elsewhere.Device(_project, "ben").Track([Event("a", session)]);

        Assert.Equal(1, (await silo.Session(_project, session).Get())!.EventCount);
    }

    [Fact]
    public async Task A_device_answers_with_the_live_session_of_its_other_activation()
    {
        await using SiloFixture elsewhere = await silo.OtherSide();
        Guid first = (await silo.Device(_project, "cid").Track([Event("a")])).Events[0].SessionId!.Value;
        Assert.Equal(first, (await elsewhere.Device(_project, "cid").Reset())!.SessionId);
        Assert.Null(await silo.Device(_project, "cid").GetLiveSession());

        Guid second = (await elsewhere.Device(_project, "cid").Track([Event("b") with { Timestamp = elsewhere.Clock.GetUtcNow().AddSeconds(1) }])).Events[0].SessionId!.Value;

        Assert.NotEqual(first, second);
        Assert.Equal(second, (await silo.Device(_project, "cid").GetLiveSession())!.SessionId);
    }

    [Fact]
    public async Task A_row_that_another_silo_left_behind_is_completed_though_the_session_is_in_memory_without_the_last_event()
    {
        await using SiloFixture elsewhere = await silo.OtherSide();
        var session = Guid.CreateVersion7();
        await silo.Device(_project, "eve").Track([Event("a", session)]);
        // The other side's clock stands still, so it writes no rows. Its mark becomes old like that of a dead silo.
        await elsewhere.Device(_project, "eve").Track([Event("b", session)]);
        Assert.Equal(1, await NumberInRow(session));
        await using (NpgsqlCommand command = silo.Database.CreateCommand(
            "update tracking.checkpoints set seen_at = seen_at - interval '1 minute', done_until = done_until - interval '1 minute'"))
        {
            await command.ExecuteNonQueryAsync();
        }

        await silo.Until(async () => await NumberInRow(session) == 2);
    }

    [Fact]
    public async Task Reads_and_events_at_the_same_time_do_not_block_each_other()
    {
        var session = Guid.CreateVersion7();
        IUserDeviceGrain device = silo.Device(_project, "dan");
        await device.Track([Event("first", session)]);

        Task<Session?>[] asked = [.. Enumerable.Range(0, 40).Select(async i =>
        {
            await device.Track([Event($"e{i}", session)]);
            return await silo.Session(_project, session).Get();
        })];

        Assert.All(await Task.WhenAll(asked), answer => Assert.InRange(answer!.EventCount, 2, 41));
        Assert.Equal(41, (await silo.Session(_project, session).Get())!.EventCount);
    }

    private async Task<int> NumberInRow(Guid session)
    {
        await using NpgsqlCommand command = silo.Database.CreateCommand("select number from tracking.sessions where session_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session });
        return (int)(await command.ExecuteScalarAsync())!;
    }

    private SessionEvent Event(string name, Guid? session = null) => new()
    {
        Id = Guid.CreateVersion7(),
        Name = name,
        DistinctId = "someone",
        SessionId = session?.ToString(),
        Timestamp = Now,
    };
}
