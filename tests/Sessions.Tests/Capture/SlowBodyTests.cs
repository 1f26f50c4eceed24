using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sessions.Capture.Body;

namespace Sessions.Tests.Capture;

/// <summary>A slow body is refused in time, on every path and whatever length it claims.</summary>
public sealed class SlowBodyTests
{
    private const string Event = """{"api_key":"phc_good","event":"a","distinct_id":"anna"}""";

    [Theory]
    [InlineData("/e/", "Content-Length: 1000000")]
    [InlineData("/batch/", "Transfer-Encoding: chunked")]
    [InlineData("/s/", "Content-Length: 20000000")]
    [InlineData("/flags/?v=2", "Content-Length: 5000")]
    [InlineData("/decide/", "Transfer-Encoding: chunked")]
    public async Task A_body_that_trickles_in_is_refused_when_its_time_is_over(string path, string length)
    {
        await using CaptureServer server = await CaptureServer.Start("BodyGrace=00:00:01");
        using TcpClient client = await Begin(server, path, length);
        var clock = Stopwatch.StartNew();
        Task<string?> answer = Answer(client);
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(50));
        byte[] piece = Encoding.ASCII.GetBytes(length.StartsWith("Transfer", StringComparison.Ordinal) ? "5\r\n     \r\n" : "     ");
        while (!answer.IsCompleted && clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            await TrySend(client, piece);
            await pace.WaitForNextTickAsync();
        }

        Assert.StartsWith("HTTP/1.1 503", await answer, StringComparison.Ordinal);
        Assert.Equal(0, server.Get<BodyBudget>().InHand);
    }

    [Fact]
    public async Task A_slow_body_gets_more_time_for_the_bytes_it_has_sent()
    {
        await using CaptureServer server = await CaptureServer.Start("BodyGrace=00:00:01", "MinBodyBytesPerSecond=20000");
        byte[] body = Encoding.UTF8.GetBytes(new string(' ', 200_000) + Event);
        using TcpClient client = await Begin(server, "/e/", $"Content-Length: {body.Length}");
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(100));
        foreach (byte[] piece in body.Chunk(8_000))
        {
            await client.GetStream().WriteAsync(piece);
            await pace.WaitForNextTickAsync();
        }

        Assert.StartsWith("HTTP/1.1 200", await Answer(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lengths_that_slow_bodies_claim_use_no_budget()
    {
        await using CaptureServer server = await CaptureServer.Start();
        List<TcpClient> clients = [];
        for (int made = 0; made < 12; made++)
        {
            clients.Add(await Begin(server, made % 2 == 0 ? "/e/" : "/s/", $"Content-Length: {20 << 20}"));
            await clients[^1].GetStream().WriteAsync("["u8.ToArray());
        }

        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(TimeSpan.FromMilliseconds(20));
        while (server.Get<BodyBudget>().InHand < 12 * 16_384 && clock.Elapsed < TimeSpan.FromSeconds(30))
        {
            await pace.WaitForNextTickAsync();
        }

        Assert.InRange(server.Get<BodyBudget>().InHand, 12 * 16_384, 12 * 20_480);
        clients.ForEach(client => client.Dispose());
    }

    private static async Task<TcpClient> Begin(CaptureServer server, string path, string length)
    {
        Uri address = server.Client.BaseAddress!;
        TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n{length}\r\n\r\n"));
        return client;
    }

    private static async Task<string?> Answer(TcpClient client)
    {
        var answer = new StreamReader(client.GetStream());
        return await answer.ReadLineAsync();
    }

    private static async Task TrySend(TcpClient client, byte[] piece)
    {
        try
        {
            await client.GetStream().WriteAsync(piece);
        }
        catch (IOException)
        {
            // It was answered.
        }
    }
}
