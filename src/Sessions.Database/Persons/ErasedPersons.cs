using Npgsql;
using NpgsqlTypes;
using Sessions.Domain.Persons;

namespace Sessions.Database.Persons;

/// <summary>
/// The list of deleted persons, whose late events are refused. It contains keyed digests instead of ids, because it
/// must not reveal who was deleted.
/// </summary>
internal static class ErasedPersons
{
    private static readonly string KeyText = SqlFile.Read("person_key.sql");
    private static readonly string AddText = SqlFile.Read("forgotten_add.sql");

    /// <summary>The key of the digests. Each database has its own.</summary>
    public static async Task<byte[]> ReadKey(NpgsqlConnection connection, CancellationToken cancellation = default)
    {
        await using NpgsqlCommand ask = new(KeyText, connection);
        return (byte[])(await ask.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>
    /// Adds ids to the list. From the commit of this transaction on, their events up to a time are refused.
    /// </summary>
    /// <param name="connection">
    /// A connection in a transaction. Other transactions that add ids wait until it ends.
    /// </param>
    /// <param name="project">The project.</param>
    /// <param name="ids">The person's distinct ids.</param>
    /// <param name="until">Events from before this time are refused.</param>
    public static async Task Add(
        NpgsqlConnection connection, string project, IReadOnlyList<string> ids, DateTimeOffset until)
    {
        byte[] key = await ReadKey(connection);
        byte[][] marks = [.. ids.Select(id => PersonMark.Of(key, project, id))];
        await using NpgsqlCommand add = new(AddText, connection);
        add.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
        add.Parameters.Add(Columns.Of(marks, mark => mark, NpgsqlDbType.Bytea));
        add.Parameters.Add(new NpgsqlParameter<DateTimeOffset> { TypedValue = until });
        await add.ExecuteNonQueryAsync();
    }
}
