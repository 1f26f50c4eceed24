using System.Collections.Concurrent;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Connections;

namespace Sessions.Queries.UserSql;

/// <summary>Opens connections that log in as a project's own role, which sees only that project's rows.</summary>
public sealed class SqlReaders(NpgsqlDataSource database) : IAsyncDisposable
{
    private static readonly string EnsureText = SqlFile.Read("sql_reader.sql");

    private readonly ConcurrentDictionary<string, NpgsqlDataSource> _known = new();

    /// <summary>
    /// Opens a new connection that is closed after its use and not pooled, so that no later query inherits its state.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    /// <exception cref="SessionsUnavailableException">
    /// This program is not allowed to create roles on this server.
    /// </exception>
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
                // The role is missing or has another password, because the database was moved to another server.
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
            return PostgresAddress.CreateSource(new NpgsqlConnectionStringBuilder(database.ConnectionString)
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
