using System.ComponentModel.DataAnnotations;

namespace Sessions.Web.Analytics;

/// <summary>The limits of queries over many sessions; the configuration's section <c>Sessions:Query</c>.</summary>
public sealed class QueryOptions
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Query";

    /// <summary>The largest body of a query. Default 1 MiB.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public long MaxBodyBytes { get; set; } = 1024 * 1024;

    /// <summary>The most series of one query. Default 26, because a formula has 26 letters.</summary>
    [Range(1, 26)]
    public int MaxSeries { get; set; } = 26;

    /// <summary>The most points of one series. Default 12,000, slightly more than a week of minutes.</summary>
    [Range(1, 1_000_000)]
    public int MaxBuckets { get; set; } = 12_000;

    /// <summary>The most values of a breakdown with a series of their own. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxBreakdown { get; set; } = 1000;

    /// <summary>The most bins of a breakdown. Default 200.</summary>
    [Range(1, 10_000)]
    public int MaxBins { get; set; } = 200;

    /// <summary>The most points of one answer: series times groups times buckets. Default 500,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxPoints { get; set; } = 500_000;

    /// <summary>How long a query may take before the gateway answers 504. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:30:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The memory of each sort and hash of a query. Default 64 MiB.</summary>
    [Range(1, 16 * 1024)]
    public int WorkMemoryMegabytes { get; set; } = 64;

    /// <summary>The most queries that run in a gateway at the same time; others wait. Default 8.</summary>
    [Range(1, 1000)]
    public int AtOnce { get; set; } = 8;

    /// <summary>How long a query waits for its turn before the gateway answers 503. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitForTurn { get; set; } = TimeSpan.FromSeconds(10);
}
