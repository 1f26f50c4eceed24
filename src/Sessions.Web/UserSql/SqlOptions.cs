using System.ComponentModel.DataAnnotations;

namespace Sessions.Web.UserSql;

/// <summary>The limits of users' SQL; the configuration's section <c>Sessions:Sql</c>.</summary>
public sealed class SqlOptions
{
    /// <summary>Where these options are in the configuration.</summary>
    public const string Section = "Sessions:Sql";

    /// <summary>How long a query may take before the gateway answers 504. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:30:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The most rows of an answer; further rows are left out. Default 50,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxRows { get; set; } = 50_000;

    /// <summary>The most characters of an answer; further rows are left out. Default 16 Mi.</summary>
    [Range(1024, 1024 * 1024 * 1024)]
    public long MaxCharacters { get; set; } = 16 * 1024 * 1024;

    /// <summary>The largest body of a query. Default 128 KiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public long MaxBodyBytes { get; set; } = 128 * 1024;

    /// <summary>The memory of each sort and hash of a query. Default 32 MiB.</summary>
    [Range(1, 16 * 1024)]
    public int WorkMemoryMegabytes { get; set; } = 32;

    /// <summary>The most queries that run in a gateway at the same time; others wait. Default 4.</summary>
    [Range(1, 100)]
    public int AtOnce { get; set; } = 4;

    /// <summary>
    /// The most queries of one project that run in a gateway at the same time; others wait. Default 2. Each may take as much
    /// memory in Postgres as a server process may have.
    /// </summary>
    [Range(1, 100)]
    public int AtOnceOfProject { get; set; } = 2;

    /// <summary>How long a query waits for its turn before the gateway answers 503. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan WaitForTurn { get; set; } = TimeSpan.FromSeconds(10);
}
