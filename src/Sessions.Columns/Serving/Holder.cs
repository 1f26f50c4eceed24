using Npgsql;
using Sessions.Database;

namespace Sessions.Columns.Serving;

/// <summary>
/// This process as a holder of copies: deletions of persons wait until it has written its files anew. A holder that is away for
/// long is forgotten, and is another one when it comes back: none of its files are used then.
/// </summary>
internal sealed class Holder(NpgsqlDataSource database, string directory) : IDisposable
{
    private static readonly string RegisterText = SqlFile.Read("holder_register.sql");
    private static readonly string Add = SqlFile.Read("holder_add.sql");
    private static readonly string CopyAdd = SqlFile.Read("copy_add.sql");
    private static readonly string CopyClean = SqlFile.Read("copy_clean.sql");
    private static readonly string CopyRemove = SqlFile.Read("copy_remove.sql");
    private static readonly string CopiesToClean = SqlFile.Read("copies_to_clean.sql");
    private static readonly string ProjectsPresent = SqlFile.Read("projects_present.sql");

    private readonly string _idFile = Path.Combine(directory, "holder");
    private readonly SemaphoreSlim _turn = new(1, 1);
    private Guid? _id;

    /// <summary>The holder's id; null until it is registered.</summary>
    public Guid? Id => _id;

    /// <summary>Keeps the holder known. Takes another id when it was forgotten.</summary>
    /// <exception cref="NpgsqlException">Postgres is away.</exception>
    public async Task KeepAlive(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await Register(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>Says that a file of a project will be written: from now on deletions wait for it.</summary>
    public Task AddCopy(string project, Guid holder, CancellationToken cancellation) => Do(CopyAdd, cancellation, project, holder);

    /// <summary>Says that a file has no bytes of what transactions before this one removed.</summary>
    public Task SayClean(string project, Guid holder, long cleanFrom, CancellationToken cancellation) =>
        Do(CopyClean, cancellation, project, holder, cleanFrom);

    /// <summary>Says that the file of a project is deleted.</summary>
    public Task RemoveCopy(string project, Guid holder, CancellationToken cancellation) => Do(CopyRemove, cancellation, project, holder);

    /// <summary>The projects for whose files deletions wait.</summary>
    public Task<List<string>> FindWaiting(Guid holder, CancellationToken cancellation) => List<string>(CopiesToClean, cancellation, holder);

    /// <summary>The projects that are not being deleted.</summary>
    public Task<List<string>> FindProjects(CancellationToken cancellation) => List<string>(ProjectsPresent, cancellation);

    private async Task Register(CancellationToken cancellation)
    {
        Guid? known = _id;
        if (known is null && File.Exists(_idFile) && Guid.TryParse(await File.ReadAllTextAsync(_idFile, cancellation), out Guid written))
        {
            known = written;
        }

        if (known is { } id && (await List<Guid>(RegisterText, cancellation, id)).Count > 0)
        {
            _id = id;
            return;
        }

        Guid made = (await List<Guid>(Add, cancellation, Environment.MachineName))[0];
        await File.WriteAllTextAsync(_idFile, made.ToString(), cancellation);
        _id = made;
    }

    private async Task Do(string statement, CancellationToken cancellation, params object[] values)
    {
        await using NpgsqlCommand command = Command(statement, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<List<T>> List<T>(string statement, CancellationToken cancellation, params object[] values)
    {
        await using NpgsqlCommand command = Command(statement, values);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        List<T> list = [];
        while (await reader.ReadAsync(cancellation))
        {
            list.Add(reader.GetFieldValue<T>(0));
        }

        return list;
    }

    private NpgsqlCommand Command(string statement, object[] values)
    {
        NpgsqlCommand command = database.CreateCommand(statement);
        foreach (object value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
