using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using Sessions.SystemTests.Browser;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

/// <summary>A recording of 200 MB in a browser: when it shows its first picture, and how long it takes to go elsewhere.</summary>
[Collection(Lane.Killed)]
public sealed class LargeRecordingTests(ITestOutputHelper output)
{
    private const int Blocks = 400;
    private const int BlockBytes = 512 << 10;
    private const long BlockMs = 5_000;

    private const int BlocksOfSmall = 4;

    // What a user may wait for.
    private static readonly TimeSpan FirstPicture = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Seek = TimeSpan.FromSeconds(0.5);

    // Tests run beside others, on machines of two cores.
    private const int Busy = 3;

    // The first picture must not need the rest of the recording.
    private const double ShareOfWhole = 0.6;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_recording_of_200_MB_shows_its_first_picture_soon_and_goes_to_any_time_at_once(bool isOfPhone)
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = isOfPhone ? "large-phone" : "large-page" });
        string session = Events.NewSessionId(), small = Events.NewSessionId();
        long zero = DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeMilliseconds();
        using Gateway gateway = cluster.Gateway();
        foreach ((string recorded, int blocks) in new[] { (small, BlocksOfSmall), (session, Blocks) })
        {
            await Parallel.ForEachAsync(
                Enumerable.Range(0, blocks),
                new ParallelOptions { MaxDegreeOfParallelism = 4 },
                async (block, _) => await Record(gateway, recorded, zero, block, isOfPhone));
        }

        int process = cluster.Ready.OfRole("all").Single().Pid;
        // A browser of its own: the one that tests share draws their pages meanwhile.
        await using Chromium chromium = new();
        await using Visit watcher = await chromium.Open();
        IPage page = await watcher.NewTab();
        await page.SignIn(gateway.Address, cluster.Ready.ApiKey);
        long before = Signals.ResidentBytes(process);
        long most = before;
        using var timer = new Timer(_ => most = Math.Max(most, Signals.ResidentBytes(process)), null, 0, 100);

        long begun = Stopwatch.GetTimestamp();
        await Open(page, gateway, small);
        TimeSpan firstOfSmall = Stopwatch.GetElapsedTime(begun);
        begun = Stopwatch.GetTimestamp();
        IFrame player = await Open(page, gateway, session);
        TimeSpan first = Stopwatch.GetElapsedTime(begun);
        await page.WaitForSelectorAsync("[data-replay][data-state=ready]", new() { Timeout = 300_000 });
        TimeSpan loaded = Stopwatch.GetElapsedTime(begun);
        // Each place twice, and the better one counts: others' work in one moment says nothing of the player.
        int[] places = [Blocks - 10, Blocks / 2, 10, Blocks / 3, Blocks - 1];
        double[] seeks = [.. places.Select(_ => double.MaxValue)];
        foreach (int place in Enumerable.Range(0, 2).SelectMany(_ => Enumerable.Range(0, places.Length)))
        {
            begun = Stopwatch.GetTimestamp();
            await page.EvaluateAsync($"location.hash = '#t={(places[place] * BlockMs / 1000.0) + 2.5}'".Replace(',', '.'));
            await Replays.Holds(player, $"{Replays.Recorded}?.body?.innerText.includes('part {places[place]}.') === true");
            seeks[place] = Math.Min(seeks[place], Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"first picture {first.TotalSeconds:0.00} s, of a small recording {firstOfSmall.TotalSeconds:0.00} s, all {loaded.TotalSeconds:0.0} s, seeks {string.Join(", ", seeks.Select(ms => $"{ms:0}"))} ms, gateway +{(most - before) >> 20} MB"));
        // Where even a small recording takes longer than a large one may, others have the processor.
        double slowness = Math.Max(Load.Slowness, firstOfSmall / FirstPicture);
        Assert.InRange(first, TimeSpan.Zero, FirstPicture * Busy * slowness);
        Assert.InRange(first, TimeSpan.Zero, loaded * ShareOfWhole);
        Assert.All(seeks, ms => Assert.InRange(ms, 0, Seek.TotalMilliseconds * Busy * slowness));
        Assert.InRange((most - before) >> 20, 0, 64 + 64);
        Assert.Empty(watcher.Complaints);
    }

    /// <summary>Opens the page of a replay and waits for the first picture.</summary>
    private static async Task<IFrame> Open(IPage page, Gateway gateway, string session)
    {
        await page.GotoAsync($"{gateway.Address}sessions/{session}/replay", new() { WaitUntil = WaitUntilState.Commit });
        IFrame player = await Replays.PlayerIn(page);
        await Replays.Holds(player, $"{Replays.Recorded}?.body?.innerText.includes('here it is') === true");
        return player;
    }

    private static async Task Record(Gateway gateway, string session, long zero, int block, bool isOfPhone)
    {
        Random random = new(block);
        long at = zero + (block * BlockMs);
        StringBuilder body = new();
        body.Append(CultureInfo.InvariantCulture, $$"""
            [{"event":"$snapshot","uuid":"{{Guid.CreateVersion7()}}","api_key":"{{gateway.Token}}","properties":{"distinct_id":"somebody","$session_id":"{{session}}","$window_id":"w","$snapshot_source":"{{(isOfPhone ? "mobile" : "web")}}","$snapshot_data":[
            """);
        string title = block == 0 ? "here it is" : "";
        body.Append(CultureInfo.InvariantCulture, $$$"""{"type":4,"timestamp":{{{at}}},"data":{"href":"https://shop.example/{{{block}}}","width":900,"height":700}},""");
        body.Append(isOfPhone ? Screen(at, block, title) : Page(at, block, title));
        for (int i = 1; body.Length < BlockBytes; i++)
        {
            long time = at + Math.Min(BlockMs - 1, i * 2);
            body.Append(',').Append(i % 20 == 0
                ? isOfPhone ? ScreenChange(time, random) : PageChange(time, random)
                : Moves(time, random));
        }

        body.Append("]}}]");
        await Gateway.Available(() => gateway.Post("/s/", new StringContent(body.ToString(), Encoding.UTF8, "application/json")));
    }

    private static string Page(long at, int block, string title)
    {
        string items = string.Join(',', Enumerable.Range(0, 400).Select(i =>
            $$$"""{"type":2,"tagName":"p","attributes":{"class":"item-{{{i}}}"},"id":{{{100 + (2 * i)}}},"childNodes":[{"type":3,"textContent":"item {{{i}}} of the page","id":{{{101 + (2 * i)}}}}]}"""));
        return $$$$$$$$"""
            {"type":2,"timestamp":{{{{{{{{at}}}}}}}},"data":{"initialOffset":{"top":0,"left":0},"node":{"type":0,"id":1,"childNodes":[{"type":2,"tagName":"html","attributes":{},"id":2,"childNodes":[
            {"type":2,"tagName":"body","attributes":{},"id":3,"childNodes":[{"type":2,"tagName":"h1","attributes":{},"id":4,"childNodes":[{"type":3,"textContent":"part {{{{{{{{block}}}}}}}}. {{{{{{{{title}}}}}}}}","id":5}]},{{{{{{{{items}}}}}}}}]}]}]}}}
            """;
    }

    private static string PageChange(long at, Random random) => $$$"""
        {"type":3,"timestamp":{{{at}}},"data":{"source":0,"attributes":[],"removes":[],"adds":[],"texts":[{"id":{{{101 + (2 * random.Next(400))}}},"value":"{{{random.NextInt64():x}}} {{{random.NextInt64():x}}} {{{random.NextInt64():x}}}"}]}}
        """;

    private static string Screen(long at, int block, string title)
    {
        string items = string.Join(',', Enumerable.Range(0, 200).Select(i =>
            $$$"""{"id":{{{100 + i}}},"type":"text","x":0,"y":{{{40 + (i * 3)}}},"width":300,"height":20,"text":"item {{{i}}} of the screen","style":{"color":"#000000"}}"""));
        return $$$"""
            {"type":2,"timestamp":{{{at}}},"data":{"initialOffset":{"top":0,"left":0},"wireframes":[{"id":5,"type":"text","x":0,"y":0,"width":300,"height":30,"text":"part {{{block}}}. {{{title}}}"},{{{items}}}]}}
            """;
    }

    private static string ScreenChange(long at, Random random)
    {
        int i = random.Next(200);
        return $$$"""
            {"type":3,"timestamp":{{{at}}},"data":{"source":0,"updates":[{"parentId":null,"wireframe":{"id":{{{100 + i}}},"type":"text","x":0,"y":{{{40 + (i * 3)}}},"width":300,"height":20,"text":"{{{random.NextInt64():x}}} {{{random.NextInt64():x}}}"}}]}}
            """;
    }

    private static string Moves(long at, Random random)
    {
        var positions = Enumerable.Range(0, 8).Select(i =>
            $$$"""{"x":{{{random.Next(900)}}},"y":{{{random.Next(700)}}},"id":{{{3 + random.Next(2)}}},"timeOffset":{{{-i * 50}}}}""");
        return $$$"""{"type":3,"data":{"source":1,"positions":[{{{string.Join(',', positions)}}}]},"timestamp":{{{at}}}}""";
    }
}
