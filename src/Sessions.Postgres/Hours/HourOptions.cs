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
    /// How many sessions are taken into memory for a question, some 80 bytes each. When there are more, Postgres aggregates
    /// their rows. Default 4,000,000.
    /// </summary>
    [Range(1, 100_000_000)]
    public int MaxSessions { get; set; } = 4_000_000;

    /// <summary>How many questions a gateway takes sessions into memory for at the same time; others wait. Default 2.</summary>
    [Range(1, 100)]
    public int AtOnce { get; set; } = 2;
}
