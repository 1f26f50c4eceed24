using Npgsql;

namespace Sessions.Postgres.Queries;

/// <summary>The keys that protect the pages' cookies and forms. Synchronous, as those who need them ask for them.</summary>
public sealed class PageKeyQueries(NpgsqlDataSource database)
{
    private static readonly string AllText = QueryText.Read("page_keys.sql");
    private static readonly string LockText = QueryText.Read("page_keys_lock.sql");
    private static readonly string AddKeyText = QueryText.Read("page_keys_add_key.sql");
    private static readonly string AddText = QueryText.Read("page_keys_add.sql");

    /// <summary>All keys, and what else was kept with them.</summary>
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
    /// Keeps a new key, unless another gateway made one in the last minute: gateways that start together then use the
    /// same one.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public void AddKey(string name, string xml)
    {
        using NpgsqlBatch batch = database.CreateBatch();
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockText));
        batch.BatchCommands.Add(Insert(AddKeyText, name, xml));
        batch.ExecuteNonQuery();
    }

    /// <summary>Keeps anything else.</summary>
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
