using Microsoft.AspNetCore.Http;
using Sessions.Columns.Asking;
using Sessions.Columns.Serving;
using Sessions.Database;
using Sessions.Queries;
using Sessions.Queries.Engines;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A gateway that asks files of columns, as the process that holds them keeps them.</summary>
public sealed class FileColumnsGateway(TestPostgres postgres) : TestGateway(postgres), IAsyncDisposable
{
    private FileColumns? _columns;

    /// <summary>Whether exports are read from Postgres.</summary>
    public bool RowsAreAway
    {
        get => _columns!.RowsAreAway;
        set => _columns!.RowsAreAway = value;
    }

    /// <summary>How many exports were read from columns.</summary>
    public int Exported => _columns!.Exported;

    protected override ColumnsEngine Columns => _columns ??= new FileColumns(() => Service<QueryDataSource>());

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        Assert.True(_columns?.Answered > 0, "The columns have answered nothing.");
        Assert.True(_columns.HadProperties, "No property of events had a column.");
        await _columns.DisposeAsync();
        await DisposeAsync();
    }

    private sealed class FileColumns(Func<QueryDataSource> source) : ColumnsEngine, IAsyncDisposable
    {
        private static readonly ColumnsLimits Plenty = new(TimeSpan.FromSeconds(60), 100_000);

        private readonly FilesOfProcess _files = new(source);

        public int Answered { get; private set; }

        public bool HadProperties { get; private set; }

        public int Exported { get; private set; }

        public bool RowsAreAway { get; set; }

        public override async Task<IAsyncEnumerable<object?[]>?> ReadRows(
            string project, Statement statement, StatementLimits limits, CancellationToken cancellation)
        {
            if (RowsAreAway || await Read(project, [new Statement("select 1", [])], limits, cancellation) is null)
            {
                return null;
            }

            OpenProjects projects = await _files.Started(cancellation);
            using Spool spool = projects.MakeSpool();
            if (await projects.WriteRows(project, new ColumnsStatement(statement.Sql, statement.Values), limits.Timeout, spool, cancellation) is null)
            {
                return null;
            }

            spool.End();
            Exported++;
            DefaultHttpContext context = new();
            MemoryStream bytes = new();
            context.Response.Body = bytes;
            await spool.CopyTo(context.Response, cancellation);
            bytes.Position = 0;
            return RowFrames.Read(bytes, cancellation);
        }

        public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
            string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation)
        {
            ColumnsStatement[] asked = [.. statements.Select(statement => new ColumnsStatement(statement.Sql, statement.Values))];
            try
            {
                IReadOnlyList<ColumnsAnswer> answers =
                    await _files.Answer(project, projects => projects.Read(project, asked, Plenty, cancellation), cancellation);
                Answered++;
                HadProperties |= (await (await _files.Started(cancellation)).Take(project, cancellation))?.State is { Properties.Count: > 0 };
                return [.. answers.Select(answer => answer.Rows)];
            }
            catch (ColumnsRefusedException refused)
            {
                Assert.True(IsLeftToPostgres(refused.Message), refused.Message);
                return null;
            }
        }

        public ValueTask DisposeAsync() => _files.DisposeAsync();
    }
}
