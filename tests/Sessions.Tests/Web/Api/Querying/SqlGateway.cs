using Sessions.Columns.Asking;
using Sessions.Database;
using Sessions.Queries;
using Sessions.Queries.UserSql;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A gateway whose SQL is answered by files of columns, as the process that holds them answers it.</summary>
public sealed class SqlGateway(TestPostgres postgres) : TestGateway(postgres), IAsyncDisposable
{
    private SqlOfFiles? _sql;

    /// <summary>Whether the columns are there but can't answer.</summary>
    public bool IsAway
    {
        get => _sql!.IsAway;
        set => _sql!.IsAway = value;
    }

    /// <summary>The directory of the files.</summary>
    public string Directory => _sql!.Files;

    protected override ColumnsSql Sql => _sql ??= new SqlOfFiles(() => Service<QueryDataSource>());

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        if (_sql is not null)
        {
            await _sql.DisposeAsync();
        }

        await DisposeAsync();
    }

    private sealed class SqlOfFiles(Func<QueryDataSource> source) : ColumnsSql, IAsyncDisposable
    {
        private readonly FilesOfProcess _files = new(source, options => (options.MaxOpen, options.SqlMegabytes) = (20, 4000), mayDisobey: true);

        public string Files => _files.Directory;

        public bool IsAway { get; set; }

        public override bool IsOn => true;

        public override async Task<SqlAnswer?> Run(string project, string query, StatementLimits limits, SqlSize size, CancellationToken cancellation)
        {
            if (IsAway)
            {
                return null;
            }

            UserQuestion question = new(project, query, TimeSpan.FromSeconds(60), size.Rows, size.Characters);
            try
            {
                ColumnsAnswer answer = await _files.Answer(project, projects => projects.Read(question, cancellation), cancellation);
                return new SqlAnswer(
                    [.. answer.Columns.Select(column => new SqlColumn(column.Name, column.Type))],
                    [.. answer.Rows.Select(row => row.Cast<string?>().ToArray())],
                    answer.IsCut,
                    SqlEngine.Columns);
            }
            catch (ColumnsRefusedException refused)
            {
                throw new SqlRefusedException(refused.Message, refused.Position, SqlEngine.Columns);
            }
            catch (ColumnsMemoryException)
            {
                throw new SqlMemoryException();
            }
        }

        public ValueTask DisposeAsync() => _files.DisposeAsync();
    }
}
