using Sessions.Benchmarks.Reporting;

namespace Sessions.Benchmarks.Ingest;

/// <summary>Who sends the events, and what their rate should be.</summary>
/// <param name="Name">The benchmark's name.</param>
/// <param name="Measures">What it measures.</param>
/// <param name="AreOfDifferentDevices">Whether each event of a request is another device's, without a session id.</param>
/// <param name="OfCopy">The share of COPY's rows that it should reach, by events a request.</param>
/// <param name="OfAlternative">The multiple of the rate with a transaction an event.</param>
internal sealed record IngestLoad(string Name, string Measures, bool AreOfDifferentDevices, IReadOnlyDictionary<int, Bar> OfCopy, Bar OfAlternative)
{
    /// <summary>An SDK's requests: each has one device's events.</summary>
    public static IngestLoad OneDevice { get; } = new(
        "ingest",
        "durable events a second over HTTP at 1, 10 and 50 events of one device a request, and the CPU each costs",
        AreOfDifferentDevices: false,
        new Dictionary<int, Bar> { [1] = new(0.22, 0.35), [10] = new(0.65, 1), [50] = new(1, 1.3) },
        new Bar(8, 15));

    /// <summary>A backend's, a game server's or a CDP's requests: each has events of as many devices.</summary>
    public static IngestLoad Mixed { get; } = new(
        "mixed",
        "the same with each event of another device, known to the cluster, without session ids",
        AreOfDifferentDevices: true,
        new Dictionary<int, Bar> { [1] = new(0.2, 0.35), [10] = new(0.35, 0.7), [50] = new(0.35, 0.7) },
        new Bar(3.5, 7));
}
