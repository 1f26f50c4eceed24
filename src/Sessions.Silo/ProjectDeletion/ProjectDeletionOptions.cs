using System.ComponentModel.DataAnnotations;

namespace Sessions.Silo.ProjectDeletion;

/// <summary>How projects are deleted. Section <c>Sessions:ProjectDeletion</c> of the configuration.</summary>
public sealed class ProjectDeletionOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:ProjectDeletion";

    /// <summary>How often a silo looks for projects to delete. Default one second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:01:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The least time from the request to the end of a deletion. It must be longer than gateways and silos remember projects
    /// and settings: until then some of them may still write of the project. Default 15 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Least { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>The most rows that one transaction removes. Default 5,000.</summary>
    [Range(1, 1_000_000)]
    public int BatchRows { get; set; } = 5_000;

    /// <summary>
    /// The lease of a deletion: when a silo has not renewed it for this long, another silo may continue. Default 30 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);
}
