using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>Clients that are slow, send nothing, or disconnect before the answer don't affect others.</summary>
[Collection(Lane.Broken)]
public sealed class ClientTests(FaultCluster cluster)
{
    private const int SlowClients = 50;
    private static readonly int IdleConnections = Soak.IsOn ? 10_000 : 1_000;

    [Fact]
    public async Task Slow_clients_get_an_answer_in_the_end() =>
        await Scenario.Play(cluster, "clients trickle their bodies", seed: 31, async _ =>
        {
            string[] answers = await Task.WhenAll(Enumerable.Range(0, SlowClients).Select(index => Trickle(cluster.Cluster.Ready.Gateways[index % 2])));
            Assert.All(answers, answer => Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal));
        });

    [Fact]
    public async Task Thousands_of_silent_connections_use_little_memory()
    {
        List<Socket> idle = [];
        try
        {
            await Scenario.Play(cluster, $"{IdleConnections} connections say nothing", seed: 32, async _ =>
            {
                for (int made = 0; made < IdleConnections; made++)
                {
                    Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                    idle.Add(socket);
                    await socket.ConnectAsync(IPAddress.Loopback, cluster.Cluster.Ready.Gateways[made % 2].Port);
                }
            });
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task Events_of_clients_that_disconnect_count_once_or_not_at_all()
    {
        string run = Events.NewDistinctId("leaving");
        Gateway[] gateways = cluster.OpenGateways();
        await Scenario.Play(cluster, "clients leave before the answer", seed: 33, async random =>
        {
            for (int client = 0; client < 300; client++)
            {
                JsonObject made = Events.Event("left", $"{run}-{client}");
                TimeSpan patience = TimeSpan.FromMilliseconds(random.Next(0, 20));
                await SendFor(gateways[client % 2], made, patience);
                if (client % 3 == 0)
                {
                    // It comes back for the answer.
                    await gateways[(client + 1) % 2].Track(made);
                }
            }
        });
        Array.ForEach(gateways, gateway => gateway.Dispose());

        await using Npgsql.NpgsqlCommand count = cluster.Reader.CreateCommand(
            """
            select count(*), count(distinct event_id), count(*) filter (where split_part(distinct_id, '-', 3)::integer % 3 = 0)
            from   events
            where  starts_with(distinct_id, $1)
            """);
        count.Parameters.AddWithValue(run);
        await using Npgsql.NpgsqlDataReader row = await count.ExecuteReaderAsync();
        await row.ReadAsync();
        Assert.Equal(row.GetInt64(0), row.GetInt64(1));
        Assert.Equal(100, row.GetInt64(2));
    }

    private static async Task SendFor(Gateway gateway, JsonObject made, TimeSpan patience)
    {
        try
        {
            using CancellationTokenSource leave = new(patience);
            using HttpResponseMessage answer = await gateway.Capture([made], cancel: leave.Token);
        }
        catch (OperationCanceledException)
        {
            // It left.
        }
    }

    /// <summary>Sends a request a few bytes at a time, over seconds; returns the first line of the answer.</summary>
    private async Task<string> Trickle(Uri gateway)
    {
        JsonObject body = new() { ["api_key"] = cluster.Cluster.Ready.ProjectToken, ["batch"] = new JsonArray(Events.Event("slow", Events.NewDistinctId("slow"))) };
        byte[] bytes = Encoding.UTF8.GetBytes(body.ToJsonString());
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /e/ HTTP/1.1\r\nHost: {gateway.Authority}\r\nContent-Type: application/json\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"));
        foreach (byte[] piece in bytes.Chunk(16))
        {
            await stream.WriteAsync(piece);
            await Task.Delay(150);
        }

        using StreamReader answer = new(stream);
        return await answer.ReadLineAsync() ?? "nothing";
    }
}
