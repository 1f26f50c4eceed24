using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Sessions.Tests.Architecture;

/// <summary>
/// Folders are namespaces, which the build checks. Within a project they don't depend on each other in a circle, so one
/// can be read without the others.
/// </summary>
public sealed class FolderTests
{
    [Theory]
    [InlineData("Sessions.Client")]
    [InlineData("Sessions.Domain")]
    [InlineData("Sessions.Database")]
    [InlineData("Sessions.Columns")]
    [InlineData("Sessions.Silo")]
    [InlineData("Sessions.Queries")]
    [InlineData("Sessions.Capture")]
    [InlineData("Sessions.Web")]
    [InlineData("Sessions.Host")]
    [InlineData("Sessions.Run")]
    public void The_folders_of_a_project_do_not_depend_on_each_other_in_a_circle(string project)
    {
        using var module = ModuleDefinition.ReadModule(Assembly.Load(project).Location);
        ILookup<string, Use> uses = module.GetTypes().SelectMany(UsesOf).Distinct().ToLookup(use => use.From);

        Assert.Empty(uses.Select(folder => CircleThrough(folder.Key, uses)).OfType<string>().Distinct());
    }

    /// <summary>The shortest way from a folder back to itself, with a type on each step; null when there is none.</summary>
    private static string? CircleThrough(string start, ILookup<string, Use> uses)
    {
        Dictionary<string, Use> reachedBy = [];
        Queue<string> open = new([start]);
        while (open.TryDequeue(out string? folder))
        {
            foreach (Use use in uses[folder])
            {
                if (use.To == start)
                {
                    return Way(use, reachedBy, start);
                }

                if (reachedBy.TryAdd(use.To, use))
                {
                    open.Enqueue(use.To);
                }
            }
        }

        return null;
    }

    private static string Way(Use last, Dictionary<string, Use> reachedBy, string start)
    {
        List<string> steps = [$"{last.From} uses {last.Type} of {last.To}"];
        for (string folder = last.From; folder != start; folder = reachedBy[folder].From)
        {
            steps.Insert(0, $"{reachedBy[folder].From} uses {reachedBy[folder].Type} of {folder}");
        }

        return string.Join("; ", steps);
    }

    private static IEnumerable<Use> UsesOf(TypeDefinition type)
    {
        // A project's root holds what puts its folders together, and what all of them use: it counts as no folder.
        string from = FolderOf(type);
        return from.Length == 0 || IsGenerated(type)
            ? []
            : TypesOf(type)
                .SelectMany(Parts)
                .Select(part => part.Resolve())
                .Where(used => used is not null && used.Module == type.Module && !IsGenerated(used))
                .Select(used => new Use(from, FolderOf(used), Outermost(used).Name, Outermost(type).Name))
                .Where(use => use.To.Length > 0 && use.To != from);
    }

    private static IEnumerable<TypeReference?> TypesOf(TypeDefinition type)
    {
        IEnumerable<TypeReference?> own = type.Interfaces.Select(each => each.InterfaceType)
            .Append(type.BaseType)
            .Concat(type.Fields.Select(field => field.FieldType));
        return own.Concat(type.Methods.SelectMany(method => method.Parameters.Select(parameter => parameter.ParameterType)
            .Append(method.ReturnType)
            .Concat(method.HasBody ? method.Body.Instructions.SelectMany(TypesOf).Concat(method.Body.Variables.Select(variable => variable.VariableType)) : [])));
    }

    private static IEnumerable<TypeReference?> TypesOf(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        GenericInstanceMethod method => [method.DeclaringType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null or GenericParameter => [],
        GenericInstanceType generic => generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType),
        TypeSpecification special => Parts(special.ElementType),
        _ => [type],
    };

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    /// <summary>The first folder below the project's; empty for what lies in the project's own.</summary>
    private static string FolderOf(TypeDefinition type)
    {
        string root = type.Module.Assembly.Name.Name;
        string space = Outermost(type).Namespace;
        return space.StartsWith(root + ".", StringComparison.Ordinal) ? space[(root.Length + 1)..].Split('.')[0] : "";
    }

    private static bool IsGenerated(TypeDefinition type) =>
        Outermost(type) is var outer && (outer.Namespace.StartsWith("OrleansCodeGen", StringComparison.Ordinal) || outer.Name.StartsWith('<'));

    private sealed record Use(string From, string To, string Type, string By);
}
