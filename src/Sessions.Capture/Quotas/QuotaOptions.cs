using System.ComponentModel.DataAnnotations;
using Sessions.Domain.Quotas;

namespace Sessions.Capture.Quotas;

/// <summary>
/// How much of each project the gateways take: <c>Sessions:Quota</c> in the configuration. 0 is no limit, the default. A
/// project may set tighter limits a day for itself.
/// </summary>
public sealed class QuotaOptions
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Quota";

    /// <summary>The most events of a project a day, in UTC. Default 0. Beyond it the gateways answer 429.</summary>
    [Range(0, long.MaxValue)]
    public long EventsPerDay { get; set; }

    /// <summary>The most bytes of a project's events and recordings a day. Default 0. Beyond it the gateways answer 429.</summary>
    [Range(0, long.MaxValue)]
    public long BytesPerDay { get; set; }

    /// <summary>
    /// The most events of a project a second, on average over ten seconds. Default 0. Beyond it the gateways answer 429.
    /// </summary>
    [Range(0, 1e9)]
    public double EventsPerSecond { get; set; }

    /// <summary>
    /// The most bytes of a project's events and recordings a second, on average over ten seconds. Default 0. Beyond it the
    /// gateways answer 429.
    /// </summary>
    [Range(0, 1e12)]
    public double BytesPerSecond { get; set; }

    /// <summary>How often gateways tell each other what they have taken. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Exchange { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For how many days Postgres keeps how much was taken of each project. Default 35.</summary>
    [Range(1, 3650)]
    public int KeepDays { get; set; } = 35;

    internal QuotaLimits Limits => new(EventsPerDay, BytesPerDay, EventsPerSecond, BytesPerSecond);
}
