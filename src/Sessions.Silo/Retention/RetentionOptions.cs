using System.ComponentModel.DataAnnotations;

namespace Sessions.Silo.Retention;

/// <summary>The removal of data whose retention is over. Section <c>Sessions:Retention</c> of the configuration.</summary>
public sealed class RetentionOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Retention";

    /// <summary>The interval of the sweeps. Default one hour.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromHours(1);
}
