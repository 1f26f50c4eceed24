using System.ComponentModel.DataAnnotations;

namespace Sessions.Client.Projects;

/// <summary>How a process caches projects' settings. Section <c>Sessions:Projects</c> of the configuration.</summary>
internal sealed class ProjectOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Projects";

    /// <summary>
    /// How often the settings are read again. A change takes effect everywhere within this time. Default 3 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Refresh { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// A project without requests is removed from memory after this time, which limits the memory. Default 10 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan ForgetAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long a caller waits for the settings of a project that is not in memory. Default 5 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);
}
