using System.Net;
using System.Net.Sockets;
using System.Text;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// A client without a token that opens connections, claims large bodies and sends them very slowly doesn't affect
/// others.
/// </summary>
[Collection(Lane.Shared)]
public sealed class SlowBodyTests(SharedCluster shared)
{
    private const int Mebibyte = 1024 * 1024;
    private const int BytesAtATime = 60;
    private const int Requests = 15;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    [Theory]
    [InlineData("/e/", "[")]
    [InlineData("/flags/", "[")]
    [InlineData("/s/", "[")]
    [InlineData("/decide/", "gzip")]
    public async Task Slow_bodies_that_claim_the_whole_budget_do_not_affect_ordinary_requests(string path, string begin)
    {
        Cluster cluster = await shared.Started;
        using Gateway gateway = cluster.Gateway();
        byte[] first = begin == "gzip" ? [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] : Encoding.ASCII.GetBytes(begin);
        int[] claims = [.. Enumerable.Repeat(20 * Mebibyte, 12), 15 * Mebibyte, .. Enumerable.Repeat(60_000, 35)];
        using CancellationTokenSource over = new();
        Task[] attack = [.. claims.Select(claim => Trickle(gateway.Address, path, claim, first, over.Token))];
        try
        {
            using PeriodicTimer pace = new(Pace);
            for (int request = 0; request < Requests; request++)
            {
                await pace.WaitForNextTickAsync();
                using HttpResponseMessage answer = await gateway.Capture([Events.Event("ordinary", Events.NewDistinctId("ordinary"))]);
                Assert.True(answer.StatusCode == HttpStatusCode.OK, $"request {request}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                using HttpResponseMessage flags = await gateway.Post("/flags/?v=2", new StringContent($$"""{"api_key":"{{gateway.Token}}","distinct_id":"d"}"""));
                Assert.Equal(HttpStatusCode.OK, flags.StatusCode);
            }

            Assert.All(attack, sending => Assert.False(sending.IsCompleted));
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(attack);
        }
    }

    [Fact]
    public async Task Small_gzip_bodies_whose_trailers_claim_the_whole_budget_do_not_affect_ordinary_requests()
    {
        using Gateway gateway = (await shared.Started).Gateway();
        // An empty gzip but for its last four bytes: 64 MiB.
        byte[] liar = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 4];
        using CancellationTokenSource over = new();
        Task[] attack = [.. Enumerable.Range(0, 16).Select(_ => Repeat(gateway, liar, over.Token))];
        try
        {
            using PeriodicTimer pace = new(Pace);
            for (int request = 0; request < Requests; request++)
            {
                await pace.WaitForNextTickAsync();
                using HttpResponseMessage answer = await gateway.Capture([Events.Event("ordinary", Events.NewDistinctId("ordinary"))]);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(attack);
        }
    }

    private static async Task Repeat(Gateway gateway, byte[] body, CancellationToken over)
    {
        try
        {
            while (true)
            {
                using HttpResponseMessage answer = await gateway.Post("/e/", new ByteArrayContent(body), over);
                Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // That was all.
        }
    }

    /// <summary>Sends some 300 bytes a second, until it is told to stop.</summary>
    private static async Task Trickle(Uri gateway, string path, int claim, byte[] first, CancellationToken over)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, gateway.Port, over);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {gateway.Authority}\r\nContent-Length: {claim}\r\n\r\n"), over);
            await stream.WriteAsync(first, over);
            using PeriodicTimer pace = new(Pace);
            while (await pace.WaitForNextTickAsync(over))
            {
                await stream.WriteAsync(new byte[BytesAtATime], over);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // That was all.
        }
    }
}
