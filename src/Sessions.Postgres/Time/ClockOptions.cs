using System.ComponentModel.DataAnnotations;

namespace Sessions.Postgres.Time;

/// <summary>How this machine's clock is compared with Postgres'. Section <c>Sessions:Clock</c> of the configuration.</summary>
public sealed class ClockOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Clock";

    /// <summary>
    /// By how much the two may differ. Default one minute; beyond it the process is not ready, and takes no old days away.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxOffset { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often they are compared. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(10);
}
