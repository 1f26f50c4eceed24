using System.Text.Json.Nodes;
using Sessions.Silo.Replay.Clicks;

namespace Sessions.Tests.Web.Replay;

/// <summary>Rage and dead clicks of sessions whose SDK says none: they are found in the recording.</summary>
public sealed class FoundClicksTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private static readonly JsonNode[] AngryVisit =
    [
        Recording.Page(0, "https://shop.example/"),
        Recording.Rrweb(0, 2, """
            {"node":{"type":0,"childNodes":[{"type":2,"tagName":"button","attributes":{},"childNodes":[{"type":3,"textContent":"Buy","id":8}],"id":7}],"id":1},"initialOffset":{"top":0,"left":0}}
            """),
        Click(5),
        Click(5.2),
        Click(5.4),
        Click(20),
    ];

    private readonly TestGateway.Project _project = gateway.NextProject();

    [Fact]
    public async Task Clicks_that_are_found_are_in_the_session_in_filters_in_sql_and_in_breakdowns()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        var angry = Guid.CreateVersion7();
        var calm = Guid.CreateVersion7();
        await program.Record(_project, Recording.Snapshot(angry, "ann", AngryVisit), Recording.Snapshot(calm, "ben", Recording.Click(1)));

        await Eventually(async () => Counts(await program.Session(angry)) == (1, 2));
        await Eventually(async () =>
            JsonNode.Parse(await program.GetStringAsync(
                "/api/sessions?filters=" + Uri.EscapeDataString("""[{"key":"$dead_click_count","operator":"gt","value":1}]""")))!
                ["results"]!.AsArray().Select(session => (string)session!["$session_id"]!).SequenceEqual([angry.ToString()]));
        Assert.Equal((0, 0), Counts(await program.Session(calm)));
    }

    [Fact]
    public async Task Blocks_in_any_order_repeated_or_late_give_the_same_counts()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        var session = Guid.CreateVersion7();
        JsonObject[] blocks = [.. AngryVisit.Chunk(2).Select(events => Recording.Snapshot(session, "cid", events))];
        await program.Record(_project, blocks[2], blocks[1]);
        await Searched(session, 2);
        await program.Record(_project, blocks[1], blocks[0], blocks[2]);

        await Eventually(async () =>
        {
            await gateway.Service<ClickSearchWork>().Round(CancellationToken.None);
            return Counts(await program.Session(session)) == (1, 2);
        });
        await gateway.Service<IGrainFactory>().GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
        Assert.Equal((1, 2), Counts(await program.Session(session)));
    }

    [Fact]
    public async Task A_search_whose_silo_died_before_it_was_noted_counts_nothing_twice()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        var session = Guid.CreateVersion7();
        await program.Record(_project, Recording.Snapshot(session, "fay", AngryVisit));
        await Eventually(async () => Counts(await program.Session(session)) == (1, 2));
        await Searched(session, 1);
        await using (Npgsql.NpgsqlCommand again = gateway.Database.CreateCommand(
            "update tracking.replays set clicks_due = true, clicks_searched = null, clicks_lease = now() - interval '1 second', clicks_after = null where session_id = $1"))
        {
            again.Parameters.AddWithValue(session);
            await again.ExecuteNonQueryAsync();
        }

        await gateway.Service<ClickSearchWork>().Round(CancellationToken.None);

        await Searched(session, 1);
        Assert.Equal((1, 2), Counts(await program.Session(session)));
    }

    [Fact]
    public async Task A_block_that_cannot_be_read_keeps_no_other_from_being_searched()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        var session = Guid.CreateVersion7();
        await program.Record(_project, Recording.Snapshot(session, "gil", Recording.Click(300)));
        await using (Npgsql.NpgsqlCommand damage = gateway.Database.CreateCommand(
            "update tracking.replay_blocks set data = '\\xffffffffff' where session_id = $1"))
        {
            damage.Parameters.AddWithValue(session);
            await damage.ExecuteNonQueryAsync();
        }

        await program.Record(_project, Recording.Snapshot(session, "gil", AngryVisit));

        await Eventually(async () => Counts(await program.Session(session)) == (1, 2));
    }

    [Fact]
    public async Task A_deleted_recording_has_no_clicks_any_more()
    {
        using HttpClient program = gateway.Program(_project.ApiKey);
        var session = Guid.CreateVersion7();
        await program.Record(_project, Recording.Snapshot(session, "dan", AngryVisit));
        await Eventually(async () => Counts(await program.Session(session)) == (1, 2));

        using HttpResponseMessage deleted = await program.DeleteAsync($"/api/sessions/{session}/replay");

        Assert.Equal((0, 0), Counts(await program.Session(session)));
    }

    private static JsonObject Click(double second) => Recording.Rrweb(second, 3, """{"source":2,"type":2,"id":8,"x":100,"y":50}""");

    private static (int Rage, int Dead) Counts(JsonNode session) => ((int)session["$rage_click_count"]!, (int)session["$dead_click_count"]!);

    /// <summary>Waits until a search has looked at so many blocks.</summary>
    private async Task Searched(Guid session, int blocks) => await Eventually(async () =>
    {
        await using Npgsql.NpgsqlCommand command = gateway.Database.CreateCommand(
            "select clicks_searched from tracking.replays where session_id = $1");
        command.Parameters.AddWithValue(session);
        return await command.ExecuteScalarAsync() is int searched && searched >= blocks;
    });

    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(40));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!await isSo())
        {
            await timer.WaitForNextTickAsync(late.Token);
        }
    }
}
