using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Sessions.Web.Api;

namespace Sessions.Web.Browsing;

/// <summary>The limits of lists of sessions and events; the configuration's section <c>Sessions:Lists</c>.</summary>
public sealed class ListOptions
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Lists";

    /// <summary>How long a list may take before the gateway answers 504. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:30:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The memory of each sort and hash of a list. Default 16 MiB.</summary>
    [Range(1, 16 * 1024)]
    public int WorkMemoryMegabytes { get; set; } = 16;

    /// <summary>The most lists that a gateway reads at the same time; others wait. Default 8.</summary>
    [Range(1, 1000)]
    public int AtOnce { get; set; } = 8;

    /// <summary>How long a list waits for its turn before the gateway answers 503. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitForTurn { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>
/// Limits how many lists are read at the same time, apart from queries: a filter can make a list as expensive as a query.
/// </summary>
internal sealed class ListConcurrencyLimit(IOptions<ListOptions> options, TimeProvider time)
    : ConcurrencyLimit(options.Value.AtOnce, options.Value.WaitForTurn, options.Value.Timeout, options.Value.WorkMemoryMegabytes, time);
