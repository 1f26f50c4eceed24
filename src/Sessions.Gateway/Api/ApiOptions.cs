using System.ComponentModel.DataAnnotations;

namespace Sessions.Gateway.Api;

/// <summary>The limits of reading over HTTP; the configuration's section <c>Sessions:Api</c>.</summary>
public sealed class ApiOptions
{
    /// <summary>How many results a page has when the caller says nothing. Default 100.</summary>
    [Range(1, 1000)]
    public int DefaultLimit { get; set; } = 100;

    /// <summary>The most results a caller may ask for. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxLimit { get; set; } = 1000;

    /// <summary>A page of events ends early when its events' properties exceed this many characters. Default 16 Mi.</summary>
    [Range(1, 256 * 1024 * 1024)]
    public long MaxPageCharacters { get; set; } = 16 * 1024 * 1024;

    /// <summary>The most conditions one request may filter by. Default 50.</summary>
    [Range(1, 1000)]
    public int MaxFilters { get; set; } = 50;

    /// <summary>The most values one filter's list may have. Default 1,000.</summary>
    [Range(1, 10_000)]
    public int MaxFilterValues { get; set; } = 1000;

    /// <summary>The largest body of settings. Default 4 MiB: as many channel rules as there may be.</summary>
    [Range(1024, 64 * 1024 * 1024)]
    public long MaxSettingsBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>How long the readiness check waits for Postgres and for the cluster. Default 5 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00")]
    public TimeSpan ReadyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a session is asked for while silos come and go. Default 8 seconds; then the answer is 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long an answer of a grain may stay away until it is asked again: a silo that died took the question with it.
    /// Default 2 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan AskAgain { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>What <c>Retry-After</c> says when something is away. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(2);
}
