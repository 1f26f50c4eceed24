using System.ComponentModel.DataAnnotations;

namespace Sessions.Postgres;

/// <summary>How a silo finds out who is to be told of sessions. Section <c>Sessions:Outbox</c> of the configuration.</summary>
public sealed class OutboxOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Outbox";

    /// <summary>
    /// How often a silo looks which projects have webhooks: a project's first one is told of what happens this long after
    /// it was made, at the latest. Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Refresh { get; set; } = TimeSpan.FromSeconds(2);
}
