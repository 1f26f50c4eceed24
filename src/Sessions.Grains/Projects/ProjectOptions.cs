using System.ComponentModel.DataAnnotations;

namespace Sessions.Grains;

/// <summary>How a process keeps up with projects' settings. Section <c>Sessions:Projects</c> of the configuration.</summary>
public sealed class ProjectOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Projects";

    /// <summary>How often settings are looked at again: a change holds everywhere after this. Default 3 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Refresh { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>A project that nothing comes for is forgotten after this, which bounds the memory. Default 10 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan ForgetAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the settings of a project that is new here are waited for. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);
}
