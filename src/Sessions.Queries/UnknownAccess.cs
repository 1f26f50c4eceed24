using Npgsql;
using NpgsqlTypes;
using Sessions.Database;

namespace Sessions.Queries;

/// <summary>What a caller presented and a gateway does not know.</summary>
/// <param name="Token">A project's token; null when the caller presented something else.</param>
/// <param name="Project">A project's id; null when the caller presented something else.</param>
/// <param name="KeySha256">The hash of a key; null when the caller presented something else.</param>
public sealed record UnknownAccess(string? Token = null, string? Project = null, byte[]? KeySha256 = null);

/// <summary>Finds out whether tokens, projects and keys that a gateway does not know exist.</summary>
public sealed class UnknownAccessQuery(NpgsqlDataSource database)
{
    private static readonly string Statement = SqlFile.Read("unknown_access.sql");

    /// <summary>Whether any of them exists. One statement, which looks each of them up by an index.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task<bool> AnyExists(IReadOnlyCollection<UnknownAccess> asked, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(Statement);
        command.Parameters.Add(All(asked.Select(one => one.Token), NpgsqlDbType.Text));
        command.Parameters.Add(All(asked.Select(one => one.Project), NpgsqlDbType.Text));
        command.Parameters.Add(All(asked.Select(one => one.KeySha256), NpgsqlDbType.Bytea));
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static NpgsqlParameter All<T>(IEnumerable<T?> values, NpgsqlDbType type)
        where T : class => new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values.OfType<T>().ToArray() };
}
