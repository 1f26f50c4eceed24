using System.Net;
using System.Text;
using Npgsql;
using Sessions.Silo.Replay;

namespace Sessions.Tests.Web.Replay;

/// <summary>When replay blocks are deleted.</summary>
public sealed class SweepTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private readonly TestGateway.Project _project = gateway.NextProject();

    [Fact]
    public async Task Only_a_block_that_no_session_counts_is_deleted_after_a_day()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        Guid session = Guid.CreateVersion7();
        await program.Record(_project, Recording.Snapshot(session, "ann", Recording.Click(1)));
        await Sql("update tracking.replay_blocks set stored_at = now() - interval '25 hours' where session_id = $1", session);
        foreach (string age in new[] { "25 hours", "1 hour" })
        {
            await Sql(
                "insert into tracking.replay_blocks "
                + $"select project, session_id, gen_random_uuid(), born, now() - interval '{age}', window_id, plain_size, data "
                + "from tracking.replay_blocks where session_id = $1 limit 1",
                session);
        }

        await gateway.Service<ReplaySweep>().Sweep(CancellationToken.None);

        Assert.Equal(2L, await Sql("select count(*) from tracking.replay_blocks where session_id = $1", session));
        Assert.Equal([1], (await program.Play(session, "?raw=true")).Seconds());
    }

    [Fact]
    public async Task A_replay_is_deleted_after_the_projects_retention_and_its_session_stays()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        using HttpResponseMessage put = await program.PutAsync(
            "/api/project", new StringContent("""{"replay":{"retention_days":3}}""", Encoding.UTF8, "application/json"));
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        Guid old = Guid.CreateVersion7();
        Guid young = Guid.CreateVersion7();
        await program.Record(
            _project,
            Recording.Snapshot(old, "ann", Recording.Click(1)),
            Recording.Snapshot(young, "ben", Recording.Click(1)),
            Recording.Snapshot(young, "ben", Recording.Click(2)));
        await Sql("select tracking.ensure_replay_partitions(current_date - 4, 0)::text from (select $1::uuid) x", old);
        await Sql("update tracking.replay_blocks set born = current_date - 5 where session_id = $1", old);
        await Sql(
            "update tracking.replay_blocks set born = current_date - 5 "
            + "where block_id = (select block_id from tracking.replay_blocks where session_id = $1 limit 1)",
            young);

        await gateway.Service<ReplaySweep>().Sweep(CancellationToken.None);
        Assert.True((bool)(await program.Session(old))["$has_replay"]!, "It is due for a moment only.");
        Assert.Equal(1L, await Sql("select count(*) from tracking.replay_blocks where session_id = $1", old));

        await Sql("update tracking.leaving_replays set agreed_at = agreed_at - interval '1 day' where $1::uuid is not null", old);
        await gateway.Service<ReplaySweep>().Sweep(CancellationToken.None);

        Assert.False((bool)(await program.Session(old))["$has_replay"]!);
        Assert.Equal(0L, await Sql("select count(*) from tracking.replay_blocks where session_id = $1", old));
        // Whose last block is young enough keeps all.
        Assert.Equal(2, (int)(await program.Session(young))["$replay_click_count"]!);
        Assert.Equal(2L, await Sql("select count(*) from tracking.replay_blocks where session_id = $1", young));
    }

    private async Task<object?> Sql(string text, Guid session)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(text);
        command.Parameters.AddWithValue(session);
        return await command.ExecuteScalarAsync();
    }
}
