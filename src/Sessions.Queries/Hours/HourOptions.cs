using System.ComponentModel.DataAnnotations;

namespace Sessions.Queries.Hours;

/// <summary>
/// How sessions are aggregated by the hours in which they began. Section <c>Sessions:Hours</c> of the configuration.
/// </summary>
public sealed class HourOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Hours";

    /// <summary>The interval at which changed hours are aggregated again. Default 10 seconds.</summary>
    [Range(0.05, 3600)]
    public double CountSeconds { get; set; } = 10;

    /// <summary>
    /// The most hours that are not aggregated yet for which a query reads session rows. When there are more, Postgres
    /// aggregates all rows. Default 100.
    /// </summary>
    [Range(0, 100_000)]
    public int MaxFreshHours { get; set; } = 100;

    /// <summary>
    /// The most sessions that a query loads into memory, about 80 bytes each in addition to the cache. When there are
    /// more, Postgres aggregates their rows. Default 4,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxSessions { get; set; } = 4_000_000;

    /// <summary>
    /// The most queries for which a gateway loads sessions into memory at the same time; other queries wait. Default 2.
    /// </summary>
    [Range(1, 100)]
    public int AtOnce { get; set; } = 2;

    /// <summary>
    /// The size in megabytes of a gateway's cache of hours: about 30 bytes for each session and 40 for each visitor.
    /// The least recently queried data is removed first. With 0, every query reads all hours from Postgres. Default
    /// 256.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MemoryMegabytes { get; set; } = 256;

    /// <summary>
    /// How many minutes a gateway keeps a project in the cache that nobody queries. Deleted data is removed by the
    /// project's next query, or after this time at the latest. Default 60 minutes, to which up to a quarter is added.
    /// </summary>
    [Range(0.01, 10_000)]
    public double MemoryMinutes { get; set; } = 60;
}
