using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>A replay that is larger than a gateway's memory.</summary>
[Collection(Lane.Killed)]
public sealed class LongReplayTests
{
    private const int Blocks = 50;
    private const int EventsInABlock = 4_000;
    private const int TextBytes = 1_024;
    private const long LeastBytes = 200L << 20;

    // Held as a whole as it is stored, and that is half of what is played, it would be nearly twice as much.
    private const long MostGrowth = 64L << 20;

    [Fact]
    public async Task A_replay_of_200_MB_is_played_in_order_and_the_gateways_memory_stays_flat()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "long-replay" });
        string session = Events.NewSessionId();
        string little = Events.NewSessionId();
        long zero = DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeMilliseconds();
        using (Gateway gateway = cluster.Gateway())
        {
            await Record(gateway, little, zero, block: 0);
            await Parallel.ForEachAsync(
                Enumerable.Range(0, Blocks),
                new ParallelOptions { MaxDegreeOfParallelism = 4 },
                async (block, _) => await Record(gateway, session, zero, block));
        }

        // What taking the replay has left behind in memory is not to hide what playing it needs.
        await cluster.Stop();
        await cluster.Start();
        int process = cluster.Ready.OfRole("all").Single().Pid;
        await Play(cluster, little, process);
        long before = Signals.ResidentBytes(process);

        Played played = await Play(cluster, session, process);

        Assert.Equal(Blocks * EventsInABlock, played.Events);
        Assert.True(played.IsInOrder);
        Assert.True(played.Bytes > LeastBytes, $"It has only {played.Bytes >> 20} MB.");
        Assert.True(
            played.MostResident - before < MostGrowth,
            $"The process grew from {before >> 20} to {played.MostResident >> 20} MB while it played {played.Bytes >> 20} MB.");
        await cluster.Stop();
    }

    private static async Task Record(Gateway gateway, string session, long zero, int block)
    {
        Random random = new(block);
        byte[] text = new byte[TextBytes / 2];
        StringBuilder body = new();
        body.Append(CultureInfo.InvariantCulture, $$"""
            [{"event":"$snapshot","uuid":"{{Guid.CreateVersion7()}}","api_key":"{{gateway.Token}}","properties":{"distinct_id":"somebody","$session_id":"{{session}}","$snapshot_data":[
            """);
        for (int i = 0; i < EventsInABlock; i++)
        {
            random.NextBytes(text);
            long time = zero + (((long)block * EventsInABlock) + i);
            body.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$$"""
                {"type":3,"timestamp":{{{time}}},"data":{"source":5,"id":1,"text":"{{{Convert.ToHexString(text)}}}"}}
                """);
        }

        body.Append("]}}]");
        await Gateway.Available(() => gateway.Post("/s/", new StringContent(body.ToString(), Encoding.UTF8, "application/json")));
    }

    /// <summary>Reads a replay as it comes, keeping none of it, and looks at the memory of the process that plays it.</summary>
    private static async Task<Played> Play(Cluster cluster, string session, int process)
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromMinutes(5) };
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(cluster.Ready.Gateways[0], $"/api/sessions/{session}/replay"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", cluster.Ready.ApiKey);
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using StreamReader lines = new(await answer.Content.ReadAsStreamAsync(), Encoding.UTF8, bufferSize: 1 << 16);
        Played played = new(0, 0, true, 0);
        long last = 0;
        while (await lines.ReadLineAsync() is { } line)
        {
            using JsonDocument one = JsonDocument.Parse(line);
            long time = one.RootElement[1].GetProperty("timestamp").GetInt64();
            played = played with
            {
                Events = played.Events + 1,
                Bytes = played.Bytes + line.Length + 1,
                IsInOrder = played.IsInOrder && time >= last,
                MostResident = played.Events % 500 == 0
                    ? Math.Max(played.MostResident, Signals.ResidentBytes(process))
                    : played.MostResident,
            };
            last = time;
        }

        return played;
    }

    private sealed record Played(int Events, long Bytes, bool IsInOrder, long MostResident);
}
