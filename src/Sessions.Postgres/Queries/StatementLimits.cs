using System.Globalization;

namespace Sessions.Postgres.Queries;

/// <summary>What a statement of a reader may take.</summary>
/// <param name="Timeout">For how long it may run.</param>
/// <param name="WorkMemoryMegabytes">How much memory each of its sorts and hashes may take before it goes to disk.</param>
public sealed record StatementLimits(TimeSpan Timeout, int WorkMemoryMegabytes)
{
    /// <summary>Sets the limits for the rest of a transaction, which only reads.</summary>
    internal string SetLocal => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        set transaction read only;
        set local statement_timeout = {Timeout.TotalMilliseconds:0};
        set local work_mem = '{WorkMemoryMegabytes}MB';
        set local jit = off
        """);
}
