using System.ComponentModel.DataAnnotations;

namespace Sessions.Postgres.Hours;

/// <summary>How sessions are kept by the hours in which they began. Section <c>Sessions:Hours</c> of the configuration.</summary>
public sealed class HourOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Hours";

    /// <summary>How often hours that have changed are counted anew. Default 10 seconds.</summary>
    [Range(0.05, 3600)]
    public double CountSeconds { get; set; } = 10;

    /// <summary>
    /// Of how many hours a question reads the sessions' rows, where the hours are not counted yet. When there are more,
    /// all rows are aggregated by Postgres. Default 100.
    /// </summary>
    [Range(0, 100_000)]
    public int MaxFreshHours { get; set; } = 100;

    /// <summary>
    /// How many sessions are taken into memory for a question, some 80 bytes each besides what is held. When there are more, Postgres aggregates
    /// their rows. Default 4,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxSessions { get; set; } = 4_000_000;

    /// <summary>How many questions a gateway takes sessions into memory for at the same time; others wait. Default 2.</summary>
    [Range(1, 100)]
    public int AtOnce { get; set; } = 2;

    /// <summary>
    /// How many megabytes of hours a gateway holds in memory between questions, some 30 bytes a session and 40 a visitor.
    /// What nobody has asked about for the longest goes first. With 0 every question reads all hours anew. Default 256.
    /// </summary>
    [Range(0, 1_000_000)]
    public int MemoryMegabytes { get; set; } = 256;

    /// <summary>
    /// How long a gateway holds in memory what is not asked about. What is deleted leaves it with the next question about
    /// its project, and after this at the latest. Default 60 minutes, to which up to a quarter is added.
    /// </summary>
    [Range(0.01, 10_000)]
    public double MemoryMinutes { get; set; } = 60;
}
