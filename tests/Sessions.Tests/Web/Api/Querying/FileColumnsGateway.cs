using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sessions.Columns;
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

    protected override ColumnsEngine Columns => _columns ??= new FileColumns(() => Service<QuestionDataSource>());

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        Assert.True(_columns?.Answered > 0, "The columns have answered nothing.");
        await _columns.DisposeAsync();
        await DisposeAsync();
    }

    private sealed class FileColumns(Func<QuestionDataSource> source) : ColumnsEngine, IAsyncDisposable
    {
        private static readonly ColumnsLimits Plenty = new(TimeSpan.FromSeconds(60), 100_000);

        private readonly string _directory = Directory.CreateTempSubdirectory("sessions-columns-").FullName;
        private OpenProjects? _projects;

        public int Answered { get; private set; }

        public override async Task<IReadOnlyList<IReadOnlyList<object?[]>>?> Read(
            string project, IReadOnlyList<Statement> statements, StatementLimits limits, CancellationToken cancellation)
        {
            OpenProjects projects = await Started();
            ColumnsStatement[] asked = [.. statements.Select(statement => new ColumnsStatement(statement.Sql, statement.Values))];
            try
            {
                for (int attempt = 0; attempt < 5; attempt++)
                {
                    if (await projects.Read(project, asked, Plenty, cancellation) is { } answers)
                    {
                        Answered++;
                        return [.. answers.Select(answer => answer.Rows)];
                    }

                    await (await projects.Take(project, cancellation))!.Building.WaitAsync(TimeSpan.FromSeconds(60), cancellation);
                }
            }
            catch (ColumnsRefusedException refused)
            {
                Assert.True(MemoryColumns.IsExpected(refused.Message), refused.Message);
                return null;
            }

            throw new InvalidOperationException("The columns do not answer.");
        }

        public async ValueTask DisposeAsync()
        {
            if (_projects is not null)
            {
                await _projects.DisposeAsync();
            }

            Directory.Delete(_directory, recursive: true);
        }

        private sealed class NoEnd() : ProcessEnd(NullLogger<ProcessEnd>.Instance)
        {
            public override void End() => throw new InvalidOperationException("A statement did not obey its cancel.");
        }

        private async Task<OpenProjects> Started()
        {
            if (_projects is null)
            {
                _projects = new OpenProjects(
                    source().Source,
                    Options.Create(new ColumnsOptions { Directory = _directory, PatienceSeconds = 30, RewriteSeconds = 0, MemoryMegabytes = 256 }),
                    TimeProvider.System,
                    NullLogger<OpenProjects>.Instance,
                    new NoEnd());
                await _projects.Holder.KeepAlive(CancellationToken.None);
            }

            return _projects;
        }
    }
}
