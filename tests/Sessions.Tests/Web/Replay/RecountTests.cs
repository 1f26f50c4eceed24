using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Npgsql;

namespace Sessions.Tests.Web.Replay;

/// <summary>
/// A session's replay counts are compared with a recount of its stored blocks that uses none of the product's code.
/// </summary>
public sealed class RecountTests(TestGateway gateway) : IClassFixture<TestGateway>
{
    private const int Recordings = 25;

    private static readonly Gen<JsonNode> Event =
        from second in Gen.Double[0, 60]
        from kind in Gen.Int[0, 7]
        from number in Gen.Int[0, 13]
        select (JsonNode)(kind switch
        {
            0 => Recording.Rrweb(second, 3, $$"""{"source":2,"type":{{number}}}"""),
            1 => Recording.Key(second),
            2 => Recording.Page(second, $"https://shop.example/{number}"),
            3 => Recording.Console(second, number switch { 0 => "error", 1 => "assert", 2 => "warn", 3 => "countReset", _ => "debug" }),
            4 => Recording.Rrweb(second, 2, """{"node":{},"initialOffset":{"top":0,"left":0}}"""),
            _ => Recording.Rrweb(second, 3, $$"""{"source":{{number}},"positions":[]}"""),
        });

    // Who recorded it, what, and in which requests it is sent: one of three, or two of them.
    private static readonly Gen<(string Person, JsonNode[] Events, int Request, int Again)> Snapshot =
        from person in Gen.OneOf("ann", "ben")
        from events in Event.Array[1, 12]
        from request in Gen.Int[0, 2]
        from again in Gen.Int[0, 2]
        select (person, events, request, again);

    [Fact]
    public Task A_sessions_replay_counts_equal_a_recount_of_its_stored_blocks_in_any_order_and_after_a_restart() =>
        Snapshot.Array[1, 8].SampleAsync(
            async snapshots =>
            {
                TestGateway.Project project = gateway.Ours;
                using HttpClient program = gateway.Program(project.ApiKey);
                var session = Guid.CreateVersion7();
                JsonObject[] sent = [.. snapshots.Select(one => Recording.Snapshot(session, one.Person, one.Events))];
                for (int request = 0; request < 3; request++)
                {
                    JsonNode[] body = [.. sent.Where((_, i) => snapshots[i].Request == request || snapshots[i].Again == request)];
                    if (body.Length > 0)
                    {
                        await program.Record(project, body);
                    }
                }

                string recount = Recount(await Blocks(session));
                Assert.Equal(recount, Told(await program.Session(session)));
                await gateway.Service<IGrainFactory>().GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
                Assert.Equal(recount, Told(await program.Session(session)));
                Assert.Equal(snapshots.Sum(one => one.Events.Length), (await program.Play(session, "?raw=true")).Length);
            },
            iter: Recordings,
            threads: 1);

    private static string Told(JsonNode session) => string.Join(
        ' ',
        new[] { "click_count", "keypress_count", "mouse_activity_count", "console_log_count", "console_warn_count", "console_error_count" }
            .Select(name => (long)session[$"$replay_{name}"]!)
            .Append((long)Math.Round((double)session["$replay_active_seconds"]! * 1000))
            .Append(((DateTimeOffset)session["$replay_start"]!).ToUnixTimeMilliseconds())
            .Append((long)Math.Round((double)session["$replay_duration"]! * 1000)));

    private static string Recount(IReadOnlyList<JsonNode[]> blocks)
    {
        JsonNode[] all = [.. blocks.SelectMany(block => block)];
        long[] times = [.. all.Select(Time)];
        return string.Join(' ', new long[]
        {
            all.Count(one => Source(one) == 2 && (int?)one["data"]!["type"] is 2 or 3 or 4 or 9),
            all.Count(one => Source(one) == 5),
            all.Count(one => Source(one) is 1 or 2 or 6),
            all.Count(one => Level(one) is not (null or "warn" or "countReset" or "error" or "assert")),
            all.Count(one => Level(one) is "warn" or "countReset"),
            all.Count(one => Level(one) is "error" or "assert"),
            blocks.Sum(ActiveMs),
            times.Min(),
            times.Max() - times.Min(),
        });
    }

    private static long ActiveMs(JsonNode[] block)
    {
        List<(long First, long Last)> segments = [];
        long until = long.MinValue;
        foreach (JsonNode one in block.OrderBy(Time))
        {
            bool isActive = Source(one) is 1 or 2 or 3 or 4 or 5 or 6 or 7 or 12;
            if (Time(one) <= until)
            {
                segments[^1] = (segments[^1].First, Time(one));
            }
            else if (isActive)
            {
                segments.Add((Time(one), Time(one)));
            }

            // What rests for longer than that ends the segment for good.
            until = isActive ? Time(one) + 5_000 : Time(one) <= until ? until : long.MinValue;
        }

        return segments.Sum(segment => Math.Max(1, segment.Last - segment.First));
    }

    private static long Time(JsonNode one) => (long)one["timestamp"]!;

    private static int? Source(JsonNode one) => (int)one["type"]! == 3 ? (int)one["data"]!["source"]! : null;

    private static string? Level(JsonNode one) => (int)one["type"]! == 6 ? (string?)one["data"]!["payload"]!["level"] : null;

    private async Task<IReadOnlyList<JsonNode[]>> Blocks(Guid session)
    {
        await using NpgsqlCommand select = gateway.Database.CreateCommand("select data from tracking.replay_blocks where session_id = $1");
        select.Parameters.AddWithValue(session);
        await using NpgsqlDataReader reader = await select.ExecuteReaderAsync();
        List<JsonNode[]> blocks = [];
        while (await reader.ReadAsync())
        {
            await using var plain = new BrotliStream(new MemoryStream(reader.GetFieldValue<byte[]>(0)), CompressionMode.Decompress);
            using var lines = new StreamReader(plain, Encoding.UTF8);
            blocks.Add([.. (await lines.ReadToEndAsync())
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!)]);
        }

        return blocks;
    }
}
