using Npgsql;
using Sessions.Database;

namespace Sessions.Queries;

/// <summary>
/// Reads and stores the keys that protect the pages' cookies and forms. Synchronous, because the data-protection API
/// that calls it is.
/// </summary>
public sealed class PageKeyQueries(NpgsqlDataSource database)
{
    private static readonly string AllText = SqlFile.Read("page_keys.sql");
    private static readonly string LockText = SqlFile.Read("page_keys_lock.sql");
    private static readonly string AddKeyText = SqlFile.Read("page_keys_add_key.sql");
    private static readonly string AddText = SqlFile.Read("page_keys_add.sql");

    /// <summary>Reads all keys and other stored elements.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public IReadOnlyList<string> GetAll()
    {
        using NpgsqlCommand command = database.CreateCommand(AllText);
        using NpgsqlDataReader reader = command.ExecuteReader();
        List<string> all = [];
        while (reader.Read())
        {
            all.Add(reader.GetString(0));
        }

        return all;
    }

    /// <summary>
    /// Stores a new key, unless another gateway stored one in the last minute: gateways that start together use the
    /// same key.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public void AddKey(string name, string xml)
    {
        using NpgsqlBatch batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockText));
        batch.BatchCommands.Add(Insert(AddKeyText, name, xml));
        batch.ExecuteNonQuery();
    }

    /// <summary>Stores any other element.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public void Add(string name, string xml)
    {
        using NpgsqlBatch batch = database.CreateBatch();
        batch.BatchCommands.Add(Insert(AddText, name, xml));
        batch.ExecuteNonQuery();
    }

    private static NpgsqlBatchCommand Insert(string text, string name, string xml)
    {
        NpgsqlBatchCommand command = new(text);
        command.Parameters.AddWithValue("@name", name);
        command.Parameters.AddWithValue("@xml", xml);
        return command;
    }
}
