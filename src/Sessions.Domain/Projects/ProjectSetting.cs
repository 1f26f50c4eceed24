using System.Text.Json;
using Sessions.Domain.Channels;

namespace Sessions.Domain.Projects;

/// <summary>
/// A setting of a project: its name, how it is read, written and checked, and its field on the settings page. The API, the
/// project's grain, the page and the API's description all go through <see cref="ProjectSettingList"/>.
/// </summary>
public abstract class ProjectSetting(string name, SettingInput input)
{
    /// <summary>
    /// The name in JSON; for a member of an object with the objects' names before dots: <c>replay.console</c>,
    /// <c>replay.triggers.urls</c>.
    /// </summary>
    public string Name => name;

    /// <summary>The names of the objects that contain the setting, the outermost first.</summary>
    public IReadOnlyList<string> Groups { get; } = name.Split('.')[..^1];

    /// <summary>The setting's name within the innermost object.</summary>
    public string Member { get; } = name[(name.LastIndexOf('.') + 1)..];

    /// <summary>The field on the settings page.</summary>
    public SettingInput Input => input;

    /// <summary>The field's name in the form of the settings page.</summary>
    public string Field => input.Field ?? name;

    /// <summary>The setting's shape in JSON.</summary>
    public abstract JsonShape Shape { get; }

    /// <summary>
    /// Reads the value from JSON into a change. If the value has the wrong type, calls <paramref name="refuse"/> and
    /// returns the change unmodified.
    /// </summary>
    public abstract ProjectChange Read(JsonElement json, ProjectChange change, Refuse refuse);

    /// <summary>
    /// Reads the value that a user typed into a change. If the text is not a valid value, calls
    /// <paramref name="refuse"/> and returns the change unmodified.
    /// </summary>
    public abstract ProjectChange Parse(string typed, ProjectChange change, Refuse refuse);

    /// <summary>Writes the value without the name.</summary>
    public abstract void Write(Utf8JsonWriter json, ProjectSettings settings);

    /// <summary>The value as a user types it.</summary>
    public abstract string Format(ProjectSettings settings);

    /// <summary>A value in the unit of JSON as users type it, in the unit of the form; the text itself when it is no value.</summary>
    public abstract string InFormUnit(string typed);

    /// <summary>Returns the problems of the change's value; none when the change doesn't have the setting.</summary>
    public abstract IEnumerable<SettingProblem> Problems(ProjectChange change);

    /// <summary>The first change, with the second one's value of this setting if it has one.</summary>
    public abstract ProjectChange Merge(ProjectChange change, ProjectChange later);

    /// <summary>The settings, with the change's value of this setting if it has one.</summary>
    public abstract ProjectSettings Apply(ProjectSettings settings, ProjectChange change);
}

/// <summary>A setting with a value of a type.</summary>
/// <typeparam name="T">The value's type in <see cref="ProjectSettings"/>.</typeparam>
/// <typeparam name="TChange">
/// The value's type in <see cref="ProjectChange"/>: the same type or its nullable form.
/// </typeparam>
internal sealed class ProjectSetting<T, TChange>(string name, SettingKind<T> kind, SettingInput input)
    : ProjectSetting(name, input)
    where T : notnull
{
    /// <summary>Reads the value from a project's settings.</summary>
    public required Func<ProjectSettings, T> Get { get; init; }

    /// <summary>Returns the settings with another value.</summary>
    public required Func<ProjectSettings, T, ProjectSettings> Set { get; init; }

    /// <summary>Reads the value from a change; null when the change leaves the setting as it is.</summary>
    public required Func<ProjectChange, TChange?> GetChange { get; init; }

    /// <summary>Returns the change with another value.</summary>
    public required Func<ProjectChange, T, ProjectChange> SetChange { get; init; }

    /// <summary>
    /// Returns the problems of a value, given the field's name. The default accepts every value of the type.
    /// </summary>
    public Func<string, T, IEnumerable<SettingProblem>> Check { get; init; } = (_, _) => [];

    public override JsonShape Shape => kind.Shape;

    public override ProjectChange Read(JsonElement json, ProjectChange change, Refuse refuse) =>
        kind.TryRead(json, Name, refuse, out T? value) ? SetChange(change, value) : change;

    public override ProjectChange Parse(string typed, ProjectChange change, Refuse refuse) =>
        kind.TryParse(typed, Name, refuse, out T? value) ? SetChange(change, value) : change;

    public override void Write(Utf8JsonWriter json, ProjectSettings settings) => kind.Write(json, Get(settings));

    public override string Format(ProjectSettings settings) => kind.Format(Get(settings));

    public override string InFormUnit(string typed)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(typed);
            return kind.TryRead(json.RootElement, Name, (_, _) => { }, out T? value) ? kind.Format(value) : typed;
        }
        catch (JsonException)
        {
            return typed;
        }
    }

    public override IEnumerable<SettingProblem> Problems(ProjectChange change) =>
        GetChange(change) is T value ? Check(Name, value) : [];

    public override ProjectChange Merge(ProjectChange change, ProjectChange later) =>
        GetChange(later) is T value ? SetChange(change, value) : change;

    public override ProjectSettings Apply(ProjectSettings settings, ProjectChange change) =>
        GetChange(change) is T value ? Set(settings, value) : settings;
}
