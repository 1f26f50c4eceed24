using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Npgsql;
using NpgsqlTypes;
using Sessions.Benchmarks.Harness;
using Sessions.Benchmarks.Load;
using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.Replay;

/// <summary>Megabytes of recordings stored and played a second, against COPY of the same bytes.</summary>
internal sealed class ReplayBenchmark : IBenchmark
{
    private const int Senders = 32;
    private const int Bodies = 64;
    private const int BodyBytes = 64 << 10;
    private const int CopyCommitBytes = 8 << 20;
    private const long LongReplayBytes = 200L << 20;
    private const double Megabyte = 1 << 20;

    private readonly RecordedPage.Body[] _bodies = new RecordedPage.Body[Bodies];

    public string Name => "replay";

    public string Measures => "recordings stored and played, in MB a second, against COPY of the same bytes; what they take on disk";

    public async Task Run(Bench bench)
    {
        await using Product product = await Product.Start(Name);
        await DurabilitySettings.Note(bench, product);
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        for (int i = 0; i < Bodies; i++)
        {
            _bodies[i] = RecordedPage.Of(product.Ready.ProjectToken, i, BodyBytes, now);
        }

        await product.Do(
            """
            create schema if not exists yardstick;
            create table yardstick.blocks (session_id uuid not null, block_id uuid not null, data bytea not null, primary key (session_id, block_id));
            alter table yardstick.blocks alter column data set storage external;
            """);
        using var client = new HttpClient { BaseAddress = product.Ready.Gateways[0], Timeout = TimeSpan.FromMinutes(10) };
        // As long as it takes until next to nothing is compiled any more.
        await Store(product.Ready.Gateways[0], TimeSpan.FromSeconds(10));
        List<double> stored = [];
        List<double> copied = [];
        for (int round = 0; round < bench.Rounds; round++)
        {
            // Next to each other in time, so that what else the machine does falls on both alike.
            copied.Add(await Copy(product, bench.Duration));
            stored.Add(await Store(product.Ready.Gateways[0], bench.Duration));
            await product.Do("truncate yardstick.blocks");
        }

        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = $"stored, {BodyBytes >> 10} KiB a request",
            Value = Figure.Median(stored),
            Unit = "MB/s",
            Yardstick = new Yardstick("COPY MB/s", Figure.Median(copied)),
            Rounds = stored,
        });
        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "bytes stored to bytes received",
            Value = await product.Ask<double>(
                "select sum(length(data))::float8 / sum(plain_size) from tracking.replay_blocks"),
            Unit = "",
        });
        await Play(bench, product, client);
    }

    /// <summary>Megabytes a second that were acknowledged.</summary>
    private async Task<double> Store(Uri gateway, TimeSpan duration)
    {
        long begun = Stopwatch.GetTimestamp();
        long bytes = 0;
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
        {
            // Each sender writes ids over the last ones' in requests of its own, so that sending costs next to nothing.
            RecordedRequest[] requests = [.. Enumerable.Range(0, Bodies / Senders).Select(i => new RecordedRequest(_bodies[(i * Senders) + sender]))];
            using RawConnection connection = await RawConnection.Open(gateway, new Answer());
            int next = 0;
            // A person's session has some minutes of blocks.
            while (Stopwatch.GetElapsedTime(begun) < duration)
            {
                var session = Guid.CreateVersion7();
                for (int block = 0; block < 32 && Stopwatch.GetElapsedTime(begun) < duration; block++)
                {
                    RecordedRequest request = requests[next++ % requests.Length];
                    if (await connection.Ask(request.Fill(session)) is { } complaint)
                    {
                        throw new InvalidOperationException(complaint);
                    }

                    Interlocked.Add(ref bytes, request.BodyLength);
                }
            }
        })));
        return bytes / Megabyte / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>Stores one body, of any length.</summary>
    private static async Task<int> Send(HttpClient client, RecordedPage.Body body, string session)
    {
        var request = new RecordedRequest(body);
        using var content = new ReadOnlyMemoryContent(request.Fill(Guid.Parse(session))[^request.BodyLength..]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/s/", UriKind.Relative), content);
        string text = await answer.Content.ReadAsStringAsync();
        return text == """{"status":"Ok"}""" ? request.BodyLength : throw new InvalidOperationException($"{answer.StatusCode} {text}");
    }

    /// <summary>Megabytes a second of the same bodies by COPY on one connection, 8 MB a commit.</summary>
    private async Task<double> Copy(Product product, TimeSpan duration)
    {
        await using NpgsqlConnection connection = await product.Database.OpenConnectionAsync();
        long begun = Stopwatch.GetTimestamp();
        long bytes = 0;
        for (int i = 0; Stopwatch.GetElapsedTime(begun) < duration;)
        {
            await using NpgsqlBinaryImporter copy = await connection.BeginBinaryImportAsync(
                "copy yardstick.blocks (session_id, block_id, data) from stdin (format binary)");
            for (int inCommit = 0; inCommit < CopyCommitBytes; i++)
            {
                byte[] json = _bodies[i % Bodies].Json;
                await copy.StartRowAsync();
                await copy.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
                await copy.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
                await copy.WriteAsync(json, NpgsqlDbType.Bytea);
                inCommit += json.Length;
                bytes += json.Length;
            }

            await copy.CompleteAsync();
        }

        return bytes / Megabyte / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    /// <summary>One long replay, and what the memory of the process that plays it does.</summary>
    private async Task Play(Bench bench, Product product, HttpClient client)
    {
        string session = Guid.CreateVersion7().ToString();
        long zero = DateTimeOffset.UtcNow.AddHours(-2).ToUnixTimeMilliseconds();
        long sent = 0;
        int bodies = 0;
        for (; sent < LongReplayBytes; bodies++)
        {
            RecordedPage.Body body = RecordedPage.Of(product.Ready.ProjectToken, bodies, 4 << 20, zero + (bodies * 100_000L));
            sent += await Send(client, body, session);
        }

        int process = product.OwnProcesses[0];
        long before = Resident(process);
        long most = before;
        long read = 0;
        long begun = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{session}/replay");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", product.Ready.ApiKey);
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using Stream replay = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        byte[] buffer = new byte[1 << 20];
        TimeSpan first = default;
        for (int got = -1; got != 0; read += got)
        {
            got = await replay.ReadAsync(buffer);
            first = read == 0 ? Stopwatch.GetElapsedTime(begun) : first;
            most = Math.Max(most, Resident(process));
        }

        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = $"played, a replay of {sent / Megabyte:0} MB",
            Value = read / Megabyte / Stopwatch.GetElapsedTime(begun).TotalSeconds,
            Unit = "MB/s",
        });
        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "memory grown while it played",
            Value = (most - before) / Megabyte,
            Unit = "MB",
        });
        bench.Report(new Figure { Benchmark = Name, Name = "until its first events came", Value = first.TotalMilliseconds, Unit = "ms" });
        List<double> parts = [];
        foreach (int part in new[] { bodies / 2, bodies - 1, 1, bodies / 3, bodies / 4 * 3 })
        {
            parts.Add(await Part(client, product, session, zero + (part * 100_000L)));
        }

        bench.Report(new Figure
        {
            Benchmark = Name,
            Name = "until the first events of a later part came",
            Value = Figure.Median(parts),
            Unit = "ms",
            Rounds = parts,
        });
    }

    /// <summary>Milliseconds until the first events of a part of a replay come.</summary>
    private static async Task<double> Part(HttpClient client, Product product, string session, long fromMs)
    {
        string from = Uri.EscapeDataString(DateTimeOffset.FromUnixTimeMilliseconds(fromMs).ToString("O", CultureInfo.InvariantCulture));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/sessions/{session}/replay?date_from={from}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", product.Ready.ApiKey);
        long begun = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        await using Stream replay = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        _ = await replay.ReadAtLeastAsync(new byte[1], 1);
        return Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
    }

    private static long Resident(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(one => one.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
