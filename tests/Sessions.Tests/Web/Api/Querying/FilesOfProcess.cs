using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Sessions.Columns;
using Sessions.Columns.Serving;
using Sessions.Database;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>The files of columns of a test's gateway, kept in the test's own process as their process keeps them.</summary>
/// <param name="source">The gateway's Postgres.</param>
/// <param name="set">Changes the options.</param>
/// <param name="mayDisobey">Whether statements may go on after their cancel. The test's own process goes on then.</param>
internal sealed class FilesOfProcess(Func<QueryDataSource> source, Action<ColumnsOptions>? set = null, bool mayDisobey = false) : IAsyncDisposable
{
    private static readonly TimeSpan LongestBuild = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _one = new(1);
    private OpenProjects? _projects;

    /// <summary>Where the files are.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("sessions-columns-").FullName;

    /// <summary>The projects, which the first caller opens.</summary>
    public async Task<OpenProjects> Started(CancellationToken cancellation = default)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            if (_projects is null)
            {
                ColumnsOptions options = new() { Directory = Directory, PatienceSeconds = 30, RewriteSeconds = 0, MemoryMegabytes = 256 };
                set?.Invoke(options);
                OpenProjects projects = new(
                    source().Source, Options.Create(options), TimeProvider.System, NullLogger<OpenProjects>.Instance, new NoEnd(mayDisobey));
                await projects.Holder.KeepAlive(CancellationToken.None);
                _projects = projects;
            }

            return _projects;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Asks until the project's file is written and answers.</summary>
    public async Task<T> Answer<T>(string project, Func<OpenProjects, Task<T?>> ask, CancellationToken cancellation)
        where T : class
    {
        OpenProjects projects = await Started(cancellation);
        for (int attempt = 0; attempt < 5; attempt++)
        {
            if (await ask(projects) is { } answer)
            {
                return answer;
            }

            await (await projects.Take(project, cancellation))!.Building.WaitAsync(LongestBuild, cancellation);
        }

        throw new InvalidOperationException("The columns do not answer.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_projects is not null)
        {
            await _projects.DisposeAsync();
        }

        _one.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private sealed class NoEnd(bool mayDisobey) : ProcessEnd(NullLogger<ProcessEnd>.Instance)
    {
        public override void End()
        {
            if (!mayDisobey)
            {
                throw new InvalidOperationException("A statement did not obey its cancel.");
            }
        }
    }
}
