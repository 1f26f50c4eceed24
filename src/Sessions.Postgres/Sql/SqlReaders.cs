using System.Collections.Concurrent;
using Npgsql;

namespace Sessions.Postgres.Sql;

/// <summary>Opens connections that log in as one project's own role, which sees that project's rows alone.</summary>
public sealed class SqlReaders(NpgsqlDataSource database) : IAsyncDisposable
{
    private static readonly string EnsureText = QueryText.Read("sql_reader.sql");

    private readonly ConcurrentDictionary<string, NpgsqlDataSource> _known = new();

    /// <summary>A new connection, which ends with its use: whatever happened in it, nobody inherits it.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    /// <exception cref="SessionsUnavailableException">This program may make no roles on this server.</exception>
    internal async Task<NpgsqlConnection> Open(string project, CancellationToken cancellation)
    {
        if (_known.TryGetValue(project, out NpgsqlDataSource? known))
        {
            try
            {
                return await known.OpenConnectionAsync(cancellation);
            }
            catch (PostgresException changed) when (changed.SqlState
                is PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification)
            {
                // The role is gone, or has another password: the database was moved to another server.
                _known.TryRemove(KeyValuePair.Create(project, known));
            }
        }

        NpgsqlDataSource made = await Ensure(project, cancellation);
        NpgsqlDataSource kept = _known.GetOrAdd(project, made);
        if (kept != made)
        {
            await made.DisposeAsync();
        }

        return await kept.OpenConnectionAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NpgsqlDataSource known in _known.Values)
        {
            await known.DisposeAsync();
        }
    }

    private async Task<NpgsqlDataSource> Ensure(string project, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(EnsureText);
        command.Parameters.AddWithValue("@project", project);
        try
        {
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
            await reader.ReadAsync(cancellation);
            return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                Username = reader.GetString(0),
                Password = reader.GetString(1),
                ApplicationName = "sessions-sql",
                Pooling = false,
                MaxAutoPrepare = 0,
                IncludeErrorDetail = false,
            });
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw new SessionsUnavailableException("The program's role in Postgres may not make the role that SQL is run as.", refused);
        }
    }
}
