using System.Diagnostics;
using System.Net.Sockets;

namespace Sessions.Benchmarks.Load;

/// <summary>What a load came to.</summary>
/// <param name="Acknowledged">Events in requests that were answered with 200 and nothing dropped.</param>
/// <param name="Unclear">Events in requests that were answered otherwise, or not at all.</param>
/// <param name="Elapsed">From the first request to the last answer.</param>
/// <param name="Complaint">The first answer that was not what was wanted.</param>
internal sealed record LoadResult(long Acknowledged, long Unclear, TimeSpan Elapsed, string? Complaint)
{
    public double PerSecond => Acknowledged / Elapsed.TotalSeconds;
}

/// <summary>
/// Visitors on many connections, each sending a request as soon as its last one is answered. Bounded in time and in
/// number.
/// </summary>
internal sealed class HttpLoad(Uri target, string path, string token, Visits visits)
{
    private long _sent;
    private long _nextRequest;

    /// <summary>One device after the other, each with one session for good.</summary>
    public HttpLoad(Uri target, string path, string token, int devices)
        : this(target, path, token, VisitsOf.OneDeviceARequest(devices)) => Devices = devices;

    /// <summary>How many devices take turns; none when visits are the caller's.</summary>
    public int Devices { get; init; }

    /// <summary>Whether events have <c>$session_id</c>, as those of SDKs in browsers and apps do. Default true.</summary>
    public bool NamesSessions { get; init; } = true;

    /// <summary>The number of its first event. Two loads on one product need numbers far from each other.</summary>
    public long FirstEvent { get; init; }

    /// <summary>How many connections there are. Default 64.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>All events that were ever acknowledged, over all loads.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>All events whose requests failed; they may be stored or not.</summary>
    public long Unclear { get; private set; }

    /// <summary>One event from each device: afterwards all have sessions.</summary>
    public Task<LoadResult> OpenDevices(int eventsPerRequest = 1) => Run(eventsPerRequest, TimeSpan.FromMinutes(10), Devices);

    /// <summary>Sends for a time, from one device after the other.</summary>
    public async Task<LoadResult> Run(int eventsPerRequest, TimeSpan duration, long mostRequests = long.MaxValue)
    {
        long begun = Stopwatch.GetTimestamp();
        long until = begun + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        long left = mostRequests;
        Sender[] senders = [.. Enumerable.Range(0, Connections).Select(_ => new Sender(new RequestTemplate(path, token, eventsPerRequest, NamesSessions), visits))];
        await Task.WhenAll(senders.Select(sender => sender.Send(
            target,
            () => Stopwatch.GetTimestamp() < until && Interlocked.Decrement(ref left) >= 0,
            () => Interlocked.Increment(ref _nextRequest) - 1,
            () => FirstEvent + Interlocked.Add(ref _sent, eventsPerRequest) - eventsPerRequest)));
        var result = new LoadResult(
            senders.Sum(sender => sender.Acknowledged),
            senders.Sum(sender => sender.Unclear),
            Stopwatch.GetElapsedTime(begun),
            senders.Select(sender => sender.Complaint).FirstOrDefault(complaint => complaint is not null));
        Acknowledged += result.Acknowledged;
        Unclear += result.Unclear;
        return result;
    }

    private sealed class Sender(RequestTemplate template, Visits visits)
    {
        private readonly Answer _answer = new();

        public long Acknowledged { get; private set; }

        public long Unclear { get; private set; }

        public string? Complaint { get; private set; }

        public async Task Send(Uri target, Func<bool> goOn, Func<long> nextRequest, Func<long> nextEvent)
        {
            RawConnection? connection = null;
            try
            {
                while (goOn())
                {
                    ReadOnlyMemory<byte> request = template.Fill(visits, nextRequest(), nextEvent(), DateTime.UtcNow);
                    try
                    {
                        connection ??= await RawConnection.Open(target, _answer);
                        Note(await connection.Ask(request));
                    }
                    catch (Exception broken) when (broken is SocketException or IOException)
                    {
                        Note(broken.Message);
                        connection?.Dispose();
                        connection = null;
                    }
                }
            }
            finally
            {
                connection?.Dispose();
            }
        }

        private void Note(string? complaint)
        {
            if (complaint is null)
            {
                Acknowledged += template.Events;
            }
            else
            {
                Unclear += template.Events;
                Complaint ??= complaint;
            }
        }
    }
}
