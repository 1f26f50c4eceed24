using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sessions.Benchmarks.Load;

namespace Sessions.Benchmarks.Latency;

/// <summary>
/// Requests at times fixed before, whatever the answers do: each one's latency counts from when it was due, so a
/// pause of the server is seen by all that it kept waiting (no coordinated omission).
/// </summary>
internal sealed class OpenLoop(Uri target, string path, string token, Visits visits)
{
    private const int Connections = 64;

    // Far from the numbers of another load on the same product.
    private const long FirstEvent = 1L << 40;

    private readonly List<double> _milliseconds = [];
    private long _next;
    private long _sent;

    public long Acknowledged { get; private set; }

    public long Unclear { get; private set; }

    /// <summary>The latencies in milliseconds, sorted.</summary>
    /// <param name="requestsPerSecond">How many are due a second.</param>
    /// <param name="events">Events in each.</param>
    /// <param name="duration">For how long.</param>
    public async Task<double[]> Run(double requestsPerSecond, int events, TimeSpan duration)
    {
        _milliseconds.Clear();
        _next = 0;
        long first = _sent;
        long begun = Stopwatch.GetTimestamp();
        long last = (long)(requestsPerSecond * duration.TotalSeconds);
        double ticksBetween = Stopwatch.Frequency / requestsPerSecond;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            var template = new RequestTemplate(path, token, events, namesSessions: true);
            var answer = new Answer();
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Parse(target.Host), target.Port);
            for (long number = Interlocked.Increment(ref _next) - 1; number < last; number = Interlocked.Increment(ref _next) - 1)
            {
                long due = begun + (long)(number * ticksBetween);
                await Until(due);
                ReadOnlyMemory<byte> request = template.Fill(visits, first + number, FirstEvent + ((first + number) * events), DateTime.UtcNow);
                while (!request.IsEmpty)
                {
                    request = request[await socket.SendAsync(request)..];
                }

                while (!answer.Take(await socket.ReceiveAsync(answer.Free)))
                {
                }

                Note(Stopwatch.GetElapsedTime(due).TotalMilliseconds, events, answer.Complaint);
            }
        })));
        _sent += last;
        return [.. _milliseconds.Order()];
    }

    /// <summary>The latency that a share of all requests kept below.</summary>
    public static double Percentile(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * share)];

    private static async Task Until(long due)
    {
        long left = due - Stopwatch.GetTimestamp();
        if (left > 0)
        {
            // Timers are up to a millisecond late, which counts as latency: the figures err on the bad side.
            await Task.Delay(TimeSpan.FromSeconds((double)left / Stopwatch.Frequency));
        }
    }

    private void Note(double milliseconds, int events, string? complaint)
    {
        lock (_milliseconds)
        {
            _milliseconds.Add(milliseconds);
            if (complaint is null)
            {
                Acknowledged += events;
            }
            else
            {
                Unclear += events;
            }
        }
    }
}
