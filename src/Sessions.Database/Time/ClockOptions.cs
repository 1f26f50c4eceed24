using System.ComponentModel.DataAnnotations;

namespace Sessions.Database.Time;

/// <summary>How this machine's clock is compared with Postgres'. Section <c>Sessions:Clock</c> of the configuration.</summary>
public sealed class ClockOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Clock";

    /// <summary>
    /// The largest allowed difference between the two clocks. Beyond it, the process is not ready and deletes no old
    /// data. Default one minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan MaxOffset { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The interval at which the clocks are compared. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(10);
}
