using System.ComponentModel.DataAnnotations;

namespace Sessions.Silo.Outbox;

/// <summary>
/// How a silo finds out which projects have webhooks. Section <c>Sessions:Outbox</c> of the configuration.
/// </summary>
public sealed class OutboxOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Outbox";

    /// <summary>
    /// How often a silo reads which projects have webhooks. A project's first webhook may miss what happens within this
    /// time after it was created. Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Refresh { get; set; } = TimeSpan.FromSeconds(2);
}
