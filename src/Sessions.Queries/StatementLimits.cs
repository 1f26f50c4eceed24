using System.Globalization;
using Npgsql;

namespace Sessions.Queries;

/// <summary>The limits of a reader's statement.</summary>
/// <param name="Timeout">The longest time that the statement may run.</param>
/// <param name="WorkMemoryMegabytes">
/// The memory in megabytes that each sort and hash may use before it spills to disk.
/// </param>
public sealed record StatementLimits(TimeSpan Timeout, int WorkMemoryMegabytes)
{
    /// <summary>The SQL that sets the limits for the rest of a transaction, and makes it read-only.</summary>
    internal string SetLocal => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        set transaction read only;
        set local statement_timeout = {Timeout.TotalMilliseconds:0};
        set local work_mem = '{WorkMemoryMegabytes}MB';
        set local jit = off
        """);

    /// <summary>Begins a transaction with these limits, in which each statement sees what was committed before it.</summary>
    internal async Task<NpgsqlTransaction> Begin(NpgsqlConnection connection, CancellationToken cancellation)
    {
        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellation);
        await using NpgsqlCommand command = new(SetLocal, connection, transaction);
        await command.ExecuteNonQueryAsync(cancellation);
        return transaction;
    }
}
