using Npgsql;

namespace Sessions.Columns.Filling;

/// <summary>A project in one snapshot of Postgres.</summary>
internal sealed class SourceSnapshot(NpgsqlConnection connection, NpgsqlTransaction transaction, string project, SourceMark mark) : IAsyncDisposable
{
    /// <summary>What the snapshot is known by.</summary>
    public SourceMark Mark => mark;

    /// <summary>Runs a statement whose first parameter is the project.</summary>
    public async Task<NpgsqlDataReader> Read(string statement, CancellationToken cancellation, params object[] parameters)
    {
        // A build reads for minutes.
        await using NpgsqlCommand command = new(statement, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter { Value = project });
        foreach (object parameter in parameters)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        }

        return await command.ExecuteReaderAsync(cancellation);
    }

    /// <summary>Reads one column of a statement's rows.</summary>
    public async Task<List<T>> List<T>(string statement, CancellationToken cancellation, params object[] parameters)
    {
        List<T> list = [];
        await using NpgsqlDataReader reader = await Read(statement, cancellation, parameters);
        while (await reader.ReadAsync(cancellation))
        {
            list.Add(reader.GetFieldValue<T>(0));
        }

        return list;
    }

    /// <summary>Reads the journal's partitions.</summary>
    public async Task<Dictionary<long, DateOnly>> Days(CancellationToken cancellation)
    {
        Dictionary<long, DateOnly> days = [];
        await using NpgsqlCommand command = new(SourceStatements.Days, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            days.Add(reader.GetInt64(0), reader.GetFieldValue<DateOnly>(1));
        }

        return days;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }
}
